/** The little of Home Assistant's frontend that the cards use. */

export type Unsubscribe = () => void | Promise<void>;

export interface Connection {
  connected: boolean;
  subscribeMessage<T>(
    callback: (message: T) => void,
    message: { type: string; [key: string]: unknown },
    options?: { resubscribe?: boolean },
  ): Promise<Unsubscribe>;
  addEventListener(type: "ready" | "disconnected", listener: () => void): void;
  removeEventListener(type: "ready" | "disconnected", listener: () => void): void;
}

export interface EntityEntry {
  entity_id: string;
  device_id?: string | null;
  platform?: string;
}

export interface HomeAssistant {
  connection: Connection;
  connected: boolean;
  language: string;
  locale: {
    language: string;
    number_format: string;
    time_format: string;
    time_zone: string;
  };
  config: { time_zone: string };
  states: Record<string, { state: string; attributes: Record<string, unknown> } | undefined>;
  entities: Record<string, EntityEntry | undefined>;
  services: Record<string, Record<string, { fields: Record<string, unknown> }> | undefined>;
  user?: { is_admin: boolean; name: string };
  callService(
    domain: string,
    service: string,
    data?: Record<string, unknown>,
    target?: Record<string, unknown>,
    notifyOnError?: boolean,
    returnResponse?: boolean,
  ): Promise<{ response?: unknown }>;
  callWS<T>(message: { type: string; [key: string]: unknown }): Promise<T>;
  loadBackendTranslation(
    category: string,
    integration?: string | string[],
  ): Promise<(key: string, placeholders?: Record<string, unknown>) => string>;
}

export interface GridOptions {
  columns?: number | "full";
  rows?: number | "auto";
  min_columns?: number;
  min_rows?: number;
}

export interface FormSchema {
  name: string;
  selector: Record<string, unknown>;
  required?: boolean;
}

export interface ConfigForm {
  schema: FormSchema[];
  computeLabel: (schema: { name: string }) => string | undefined;
  computeHelper: (schema: { name: string }) => string | undefined;
}
