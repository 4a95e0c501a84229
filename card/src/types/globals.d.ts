interface CustomElementListing {
  type: string;
  name: string;
  description?: string;
  [key: string]: unknown;
}

interface Window {
  customCards?: CustomElementListing[];
  customCardFeatures?: CustomElementListing[];
  customStrategies?: CustomElementListing[];
}
