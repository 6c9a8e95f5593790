import { invalidParameter, policyNotFound } from "./ecr-errors.ts";
import type { EcrOperations, EcrRoom } from "./operations.ts";
import { onRepository } from "./repository-permission.ts";

/** Policies of repositories, as text: kept and given back. */
export function policyOperations({ account, regionOf }: EcrRoom): EcrOperations {
  return {
    SetRepositoryPolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const record = getRepository(input);
        const policyText = readPolicy(input.policyText);
        repositories.put(record.name, { ...record, policyText });
        return { registryId: account, repositoryName: record.name, policyText };
      },
    },
    GetRepositoryPolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { name, policyText } = regionOf(region).getRepository(input);
        if (policyText === undefined) throw policyNotFound("Repository", name, account);
        return { registryId: account, repositoryName: name, policyText };
      },
    },
    DeleteRepositoryPolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const { policyText, ...record } = getRepository(input);
        if (policyText === undefined) throw policyNotFound("Repository", record.name, account);
        repositories.put(record.name, record);
        return { registryId: account, repositoryName: record.name, policyText };
      },
    },
  };
}

function readPolicy(text: string | undefined): string {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value === "object" && value !== null) return text ?? "";
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw invalidParameter(
    "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
  );
}
