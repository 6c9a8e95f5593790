import { randomInt } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-secrets-manager";
import { secretsManagerError } from "./secretsmanager-error.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
export function createRandomPassword(input: Sdk.GetRandomPasswordCommandInput, random = randomInt): string {
  const length = Number(input.PasswordLength ?? 32);
  const kinds = characterKinds(input).map((kind) => withoutExcluded(kind, input.ExcludeCharacters ?? ""));
  const pool = kinds.join("");
  const required = input.RequireEachIncludedType === false ? [] : kinds.filter((kind) => kind.trim() !== "");
  if (!Number.isInteger(length) || length < 1 || length > 4096 || pool === "" || length < required.length) {
    const message = "The password length and the included characters do not allow a password.";
    throw secretsManagerError("InvalidParameterException", message);
  }
  const pick = (characters: string) => characters.charAt(random(characters.length));
  const password = required.map(pick);
  while (password.length < length) password.push(pick(pool));
  for (let index = password.length - 1; index > 0; index -= 1) {
    const other = random(index + 1);
    [password[index], password[other]] = [password[other] as string, password[index] as string];
  }
  return password.join("");
}

function characterKinds(input: Sdk.GetRandomPasswordCommandInput): string[] {
  return [
    input.ExcludeLowercase === true ? "" : "abcdefghijklmnopqrstuvwxyz",
    input.ExcludeUppercase === true ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    input.ExcludeNumbers === true ? "" : "0123456789",
    input.ExcludePunctuation === true ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    input.IncludeSpace === true ? " " : "",
  ];
}

function withoutExcluded(characters: string, excluded: string): string {
  return [...characters].filter((character) => !excluded.includes(character)).join("");
}
