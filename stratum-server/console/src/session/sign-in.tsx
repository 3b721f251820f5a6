import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Button as Pressable, Form } from "react-aria-components";
import { api, data } from "~/api/client";
import { problemOf } from "~/api/problem";
import { Button } from "~/parts/button";
import { Field } from "~/parts/field";
import { Refusal } from "~/parts/states";
import { capital, word } from "~/words/vocabulary";
import { useEntrance } from "./session";
import styles from "./sign-in.module.css";

const FIELDS = ["/email", "/password"];

/** The door. A demo server offers its accounts. */
export function SignIn() {
  const { signIn } = useEntrance();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const entering = useMutation({ mutationFn: (with_: { email: string; password: string }) => signIn(with_.email, with_.password) });
  const about = useQuery({ queryKey: ["me", "console"], queryFn: () => data(api.GET("/api/v1/console")), retry: false });
  const demo = about.data?.demo;
  const problem = entering.error === null ? null : problemOf(entering.error);
  useEffect(() => {
    document.title = "Sign in – Stratum";
  }, []);

  return (
    <main className={styles["door"]}>
      <div className={styles["inside"]}>
        <header className={styles["head"]}>
          <img src="/favicon.svg" alt="" width="44" height="44" />
          <h1>Sign in to Stratum</h1>
          <p className="soft">Every automated change to your advertising is checked against the health of its signals, and explained.</p>
        </header>
        {problem !== null && <Refusal problem={problem} fields={FIELDS} />}
        <Form
          className={styles["form"]!}
          onSubmit={(event) => {
            event.preventDefault();
            entering.mutate({ email, password });
          }}
        >
          <Field label="E-mail" type="email" autoComplete="username" isRequired value={email} onChange={setEmail} problem={problem?.at("/email")} />
          <Field label="Password" type="password" autoComplete="current-password" isRequired value={password} onChange={setPassword} problem={problem?.at("/password")} />
          <Button type="submit" look="main" isPending={entering.isPending}>
            Sign in
          </Button>
        </Form>
        {demo && (
          <section className={styles["demo"]} aria-labelledby="demo">
            <h2 id="demo">This is the demo. Come in as</h2>
            <ul>
              {demo.accounts.map((account) => (
                <li key={account.email}>
                  <Pressable className={styles["account"]!} isDisabled={entering.isPending} onPress={() => entering.mutate({ email: account.email, password: demo.password })}>
                    <b>{word(account.role)}</b>
                    <span>{capital(account.may)}</span>
                  </Pressable>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </main>
  );
}
