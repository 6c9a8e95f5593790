import { azurePipelines } from "./extract/azure-pipelines.ts";
import { bakeReader } from "./extract/bake.ts";
import { bitbucketPipelines } from "./extract/bitbucket.ts";
import { buildspecReader } from "./extract/buildspec.ts";
import { cdkAssetsReader, cdkSourceReader } from "./extract/cdk.ts";
import { circleCi } from "./extract/circleci.ts";
import { cloudFormationReader } from "./extract/cloudformation/read-template.ts";
import { composeReader } from "./extract/compose.ts";
import { devContainer } from "./extract/devcontainer.ts";
import { dockerfileReader } from "./extract/dockerfile.ts";
import { earthfile } from "./extract/earthfile.ts";
import { ecsTaskDefinitionReader } from "./extract/ecs-task-definition.ts";
import { githubActions } from "./extract/github-actions/github-actions.ts";
import { gitLabCi } from "./extract/gitlab-ci/gitlab-ci.ts";
import { helmTemplate, helmValues } from "./extract/helm-values.ts";
import { jenkinsfileReader } from "./extract/jenkinsfile.ts";
import { justfileReader } from "./extract/justfile.ts";
import { kubernetes } from "./extract/kubernetes.ts";
import { kustomize } from "./extract/kustomize.ts";
import { makefileReader } from "./extract/makefile.ts";
import { shellScriptReader } from "./extract/shell-script.ts";
import { skaffold } from "./extract/skaffold.ts";
import { packageScriptsReader, taskfileReader } from "./extract/task-scripts.ts";
import { testcontainersReader } from "./extract/testcontainers.ts";
import { testcontainersProperties } from "./extract/testcontainers-properties.ts";
import { tiltfile } from "./extract/tiltfile.ts";
import type { FileReader } from "./extraction.ts";

/** The first that a file is for reads it: those that know it by its name stand before those that look into it. */
export const fileReaders: readonly FileReader[] = [
  dockerfileReader,
  githubActions,
  gitLabCi,
  circleCi,
  bitbucketPipelines,
  azurePipelines,
  jenkinsfileReader,
  composeReader,
  bakeReader,
  devContainer,
  skaffold,
  tiltfile,
  earthfile,
  kustomize,
  helmTemplate,
  helmValues,
  makefileReader,
  justfileReader,
  taskfileReader,
  packageScriptsReader,
  testcontainersProperties,
  cdkAssetsReader,
  cloudFormationReader,
  buildspecReader,
  ecsTaskDefinitionReader,
  kubernetes,
  shellScriptReader,
];

/** Code may hold both. */
export const codeReaders: readonly FileReader[] = [cdkSourceReader, testcontainersReader];
