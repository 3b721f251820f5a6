import { type Call, init, type OperationName } from "@stratum-trust/wasm";
import { useQuery } from "@tanstack/react-query";

/** The library of the server, in this page: what it decides is what the server would decide, bit for bit. */
export interface Engine {
  readonly call: Call;
  /** The same on text: for a request of which a large part stays what it was. */
  readonly callJson: (name: OperationName, body: string) => string;
}

/** Fetches and compiles the library once, when a room first needs it. */
export function useEngine() {
  return useQuery({
    queryKey: ["engine"],
    queryFn: async (): Promise<Engine> => {
      const { call, callJson } = await init();
      return { call, callJson };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}
