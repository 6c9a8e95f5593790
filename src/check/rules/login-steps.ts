import type { LoginStep } from "../build-job.ts";
import { isDockerHubLogin } from "../judge/docker-hub-login.ts";
import type { Repository } from "../judge/repository.ts";
import type { Finding, Rule } from "./rule.ts";

export const emailAsUserName: Rule = {
  code: "CHUBO004",
  name: "email-as-user-name",
  level: "error",
  find: (repository) =>
    findLogins(repository, emailAsUserName, {
      isWrong: (login) => isDockerHubLogin(login) && /^[^$\s]+@[^$\s]+$/.test(login.userName ?? ""),
      message: "Docker Hub refuses an e-mail address as user name",
      hint: "log in with the Docker ID, and with an access token in the place of the password",
    }),
};

export const passwordOnCommandLine: Rule = {
  code: "CHUBO005",
  name: "password-on-command-line",
  level: "warning",
  find: (repository) =>
    findLogins(repository, passwordOnCommandLine, {
      isWrong: ({ password }) => password === "argument",
      message: "the password stands on the command line, where process lists show it",
      hint: 'give it by standard input: echo "$PASSWORD" | docker login --username USER --password-stdin',
    }),
};

export const loginMayFail: Rule = {
  code: "CHUBO018",
  name: "login-may-fail",
  level: "warning",
  find: (repository) =>
    findLogins(repository, loginMayFail, {
      isWrong: (login) => isDockerHubLogin(login) && login.mayFail === true,
      message: "a login that fails does not stop the build, which then pulls anonymously",
      hint: "let the build stop: leave out what follows the login (`|| true`)",
    }),
};

interface Wrong {
  isWrong(login: LoginStep): boolean;
  message: string;
  hint: string;
}

/** A step that several jobs share is told once. */
function findLogins({ jobs }: Repository, { code, level }: Rule, { isWrong, message, hint }: Wrong): Finding[] {
  const seen = new Set<LoginStep>();
  return jobs.flatMap(({ steps }) =>
    steps.flatMap(({ step, file }) => {
      if (step.kind !== "login" || seen.has(step) || !isWrong(step)) return [];
      seen.add(step);
      return [{ code, level, message, hint, file, range: step.range }];
    }),
  );
}
