import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Gateway } from "./client";

const Connected = createContext<Gateway | null>(null);

export const GatewayProvider = Connected.Provider;

export function useGateway(): Gateway {
  const gateway = useContext(Connected);
  if (!gateway) throw new Error("There is no GatewayProvider above this component.");
  return gateway;
}
