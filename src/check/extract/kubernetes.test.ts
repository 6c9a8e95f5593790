// biome-ignore-all lint/suspicious/noTemplateCurlyInString: manifests are written so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readChecked } from "../../../test/contracts/read-checked.ts";
import { helmTemplate } from "./helm-values.ts";
import { kubernetes } from "./kubernetes.ts";
import { kustomize } from "./kustomize.ts";

const read = (text: string, path = "k8s/app.yaml") => readChecked(kubernetes, path, text).images;

describe("a Kubernetes manifest", () => {
  test("names the images of all containers of all Pods in all documents", () => {
    const images = read(`apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      imagePullSecrets: [{name: hub}]
      initContainers: [{name: a, image: "busybox:1"}]
      containers:
        - {name: b, image: "nginx@sha256:${"a".repeat(64)}"}
        - {name: c, image: "local:1", imagePullPolicy: Never}
      volumes: [{name: v, image: {reference: "data:1", pullPolicy: Always}}]
---
apiVersion: batch/v1
kind: CronJob
spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: alpine}]}}}}}
---
apiVersion: v1
kind: List
items: [{apiVersion: v1, kind: Pod, spec: {ephemeralContainers: [{image: "e:1"}]}}]
---
apiVersion: v1
kind: ConfigMap
data: {image: "no:1", x: "image: no:2"}
`);
    assert.deepEqual(images, [
      "initContainers.image busybox:1 with login",
      `containers.image nginx@sha256:${"a".repeat(64)} with login`,
      "volumes.image data:1 with login",
      "containers.image alpine",
      "ephemeralContainers.image e:1",
    ]);
  });

  test("may stand as a text in another one", () => {
    const images = read(`apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  templates:
    - resource:
        action: create
        manifest: |
          apiVersion: v1
          kind: Pod
          spec: {containers: [{image: "nginx:1"}]}
`);
    assert.deepEqual(images, ["containers.image nginx:1"]);
  });

  test("names a block device by `image` too, which nobody pulls", () => {
    const volumes = "[{name: d, rbd: {image: foo, pool: kube}}, {name: i, image: {reference: 'a:1'}}]";
    assert.deepEqual(read(`apiVersion: v1\nkind: Pod\nspec: {volumes: ${volumes}}\n`), ["volumes.image a:1"]);
  });

  test("of a custom resource may name an image anywhere", () => {
    const images = read(`apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec: {image: "quay.io/prometheus/prometheus:v2", other: {image: ubuntu}, x: {image: "https://x/y.png"}}
---
apiVersion: tekton.dev/v1
kind: Task
spec: {steps: [{image: bash}], sidecars: [{image: "docker:dind"}], stepTemplate: {image: "a:1"}}
---
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec: {templates: [{container: {image: "b:1"}}, {script: {image: "c:1"}}, {container: {image: "{{inputs.image}}"}}]}
---
apiVersion: kind.x-k8s.io/v1alpha4
kind: Cluster
nodes: [{image: "kindest/node:v1.30.0"}]
`);
    assert.deepEqual(images, [
      "image quay.io/prometheus/prometheus:v2",
      "steps.image bash",
      "sidecars.image docker:dind",
      "stepTemplate.image a:1",
      "container.image b:1",
      "script.image c:1",
      "container.image -{{inputs.image}} of ?",
      "image kindest/node:v1.30.0",
    ]);
  });

  test("that describes other resources names none", () => {
    const schema = "properties: {image: {type: string}, containers: {items: {image: x}}}";
    assert.deepEqual(
      read(`apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {${schema}}\n`),
      [],
    );
  });

  test("in JSON is read too", () => {
    const text = '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "nginx:1"}]}}';
    assert.deepEqual(read(text, "pod.json"), ["containers.image nginx:1"]);
  });

  test("with templates in it that leave no YAML is read by lines", () => {
    const text = "apiVersion: v1\nkind: Pod\nspec:\n  {{- if x }}\n  containers:\n  - image: nginx:1\n  {{- end }}\n";
    assert.deepEqual(read(text), ["image nginx:1"]);
  });
});

test("a Helm template names the images that no value decides", () => {
  const text = `{{/*
image: no:1
*/}}
      containers:
        - image: "busybox:1.36"   # a comment
        - image: redis:{{ .Values.tag }}
        - image: {{ .Values.image }}
        - image: "{{ .Values.a }}/b:1"
        # image: no:2
          image: 'alpine'
`;
  const { images } = readChecked(helmTemplate, "chart/templates/x.yaml", text);
  assert.deepEqual(images, ["image busybox:1.36", "image ~redis:{{ .Values.tag }} of docker.io", "image alpine"]);
});

test("a Kustomization replaces names and tags; the name that it looks for is not changed", () => {
  const text = `images:
  - {name: nginx, newTag: "1.27"}
  - {name: app, newName: docker.io/acme/app, newTag: "2"}
  - {name: db, newName: mysql, digest: sha256:${"b".repeat(64)}}
  - {name: x, newName: redis}
`;
  const { images } = readChecked(kustomize, "overlays/prod/kustomization.yaml", text);
  assert.deepEqual(images, [
    "images -nginx:1.27",
    "images ~docker.io/acme/app:2",
    `images ~mysql@sha256:${"b".repeat(64)}`,
    "images ~redis of docker.io",
  ]);
});
