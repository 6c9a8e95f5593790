import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStep } from "../../../test/contracts/describe-steps.ts";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { jenkinsfileReader } from "./jenkinsfile.ts";

function read(text: string) {
  const file = { path: "ci/Jenkinsfile.release", text };
  assert.ok(jenkinsfileReader.isFor(file));
  checkReaderContract(jenkinsfileReader, file);
  const [job] = jenkinsfileReader.read(file).jobs;
  return {
    runners: job?.runnerImages.map(
      ({ image, hasCredentials }) => `${image.reference ?? image.written} ${hasCredentials}`,
    ),
    steps: job?.steps.map(describeStep),
  };
}

test("a Jenkinsfile's agents are the images that its steps run in", () => {
  const { runners } = read(`pipeline {
  agent { docker { image 'maven:3.9'
    args '-v a:b' } }
  environment { IMG = 'node:20' }
  stages { stage('a') { agent { docker 'python:3' } }
    stage('b') { agent { docker { image "\${IMG}"
      registryUrl 'https://r.example'
      registryCredentialsId 'x' } } } }
}
// agent { docker 'no' }
`);
  assert.deepEqual(runners, ["maven:3.9 false", "python:3 false", "node:20 true"]);
});

test("a Jenkinsfile's shell steps and those of its Docker plugin are read in their order", () => {
  const { steps } = read(`node {
  def img = "golang:1"
  sh 'docker pull alpine:3'
  sh "docker run \${img} npm"
  sh '''
    echo $PASS | docker login -u $USER --password-stdin
    docker build -t x .
  '''
  sh(script: "docker pull \\"a:1\\"", returnStdout: true)
  docker.withRegistry('https://registry.hub.docker.com', 'creds') {
    def app = docker.build("me/app:\${env.BUILD_ID}", "-f ci/Dockerfile ./x")
    docker.build('y')
  }
  docker.withRegistry('https://r.example') { docker.image(img).pull() }
  docker.image('golang:1').inside { sh 'make' }
  docker.image("me/app").push()
  withDockerRegistry([credentialsId: 'x', url: '']) { sh 'docker push q' }
}
`);
  assert.deepEqual(steps, [
    "pull alpine:3",
    "pull golang:1",
    "login Docker Hub as $USER by stdin $PASS",
    "docker build .",
    "pull a:1",
    "login https://registry.hub.docker.com as ? by action",
    "docker build ./x -f ci/Dockerfile",
    "docker build .",
    "pull golang:1",
    "login Docker Hub as ? by action",
  ]);
});
