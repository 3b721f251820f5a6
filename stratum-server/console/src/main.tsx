import "@fontsource-variable/inter/wght.css";
import "./theme/tokens.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { problemOf } from "./api/problem";
import { Entrance } from "./frame/entrance";
import { SessionProvider } from "./session/session";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say what is old; this is for what no event tells.
      staleTime: 30_000,
      // A 401 asks for a new token; if there is none, the door is shown.
      retry: (count, error) => count < 2 && [0, 401, 502, 503].includes(problemOf(error).status),
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <Entrance />
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
