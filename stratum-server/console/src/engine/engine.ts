import { type Call, init } from "@stratum-trust/wasm";
import { useQuery } from "@tanstack/react-query";

/** The library of the server, in this page: what it decides is what the server would decide, bit for bit. */
export interface Engine {
  readonly call: Call;
}

/** Fetches and compiles the library once, when a room first needs it. */
export function useEngine() {
  return useQuery({
    queryKey: ["engine"],
    queryFn: async (): Promise<Engine> => {
      const { call } = await init();
      return { call };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}
