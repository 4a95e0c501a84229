import "./cards/attention-card";
import "./cards/bay-card";
import "./cards/money-card";
import "./cards/orders-card";
import "./cards/overview-card";
import "./cards/session-feature";
import "./cards/shift-card";
import { list } from "./listing";
import "./strategy/dashboard";

list();
