// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are written so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeStep } from "../../../../test/contracts/describe-steps.ts";
import { checkReaderContract } from "../../../../test/contracts/file-reader-contract.ts";
import { wholeText } from "../../mapped-text.ts";
import { shellScriptReader } from "../shell-script.ts";
import { readShell } from "./read-shell.ts";
import { shellVariable } from "./shell-value.ts";

/** The steps of a script, which is held to the readers' contract as well. */
function steps(text: string): string[] {
  checkReaderContract(shellScriptReader, { path: "x.sh", text });
  return readShell(wholeText(text), { variables: new Map() }).steps.map(describeStep);
}

/** What each image's edit would change: `holds text`. */
function edits(text: string): (string | undefined)[] {
  checkReaderContract(shellScriptReader, { path: "x.sh", text });
  const { images } = readShell(wholeText(text), { variables: new Map() });
  return images.map(({ edit }) => edit && `${edit.holds} ${text.slice(edit.range.start, edit.range.end)}`);
}

function cases(table: Readonly<Record<string, readonly string[]>>): void {
  for (const [script, expected] of Object.entries(table)) {
    test(script.replaceAll("\n", "⏎"), () => assert.deepEqual(steps(script), expected));
  }
}

describe("a login", () => {
  cases({
    "docker login -u alice -p $P": ["login Docker Hub as alice by argument $P"],
    "docker login --username=$U --password=hunter2 docker.io": ["login docker.io as $U by argument"],
    'echo "$P" | docker login -u $U --password-stdin': ["login Docker Hub as $U by stdin $P"],
    'printf "%s" "${P}" | docker login registry-1.docker.io --username "${U}" --password-stdin': [
      "login registry-1.docker.io as ${U} by stdin $P",
    ],
    'docker login -u $U --password-stdin <<< "$P"': ["login Docker Hub as $U by stdin $P"],
    "echo $P | docker login -u a --password-stdin || true": ["login Docker Hub as a by stdin $P (may fail)"],
    "echo $P | docker login -u a --password-stdin || exit 1": ["login Docker Hub as a by stdin $P"],
    "U=me@example.com; docker login -u $U": ["login Docker Hub as me@example.com by prompt"],
    "podman login quay.io -u a -p b; buildah login docker.io; skopeo login --username a docker.io": [
      "login quay.io as a by argument",
      "login docker.io as ? by prompt",
      "login docker.io as a by prompt",
    ],
    "crane auth login -u a -p b index.docker.io": ["login index.docker.io as a by argument"],
    "aws ecr get-login-password | docker login --username AWS --password-stdin $A.dkr.ecr.eu-west-1.amazonaws.com": [
      "login $A.dkr.ecr.eu-west-1.amazonaws.com as AWS by stdin",
    ],
    "docker login -u AWS -p $(aws ecr get-login-password) https://$HOST": ["login https://$HOST as AWS by argument"],
    "$(aws ecr get-login --no-include-email --region eu-west-1)": [
      "login *.dkr.ecr.eu-west-1.amazonaws.com as AWS by argument",
    ],
    "eval $(aws ecr get-login)": ["login *.dkr.ecr.*.amazonaws.com as AWS by argument"],
    'L=`aws ecr get-login`; eval "$L"': ["login *.dkr.ecr.*.amazonaws.com as AWS by argument"],
    "aws ecr get-login --no-include-email | bash": ["login *.dkr.ecr.*.amazonaws.com as AWS by argument"],
    "aws ecr get-login-password": [],
    'echo "${{ secrets.P }}" | docker login -u "${{ secrets.U }}" --password-stdin': [
      "login Docker Hub as ${{ secrets.U }} by stdin",
    ],
    "docker logout": [],
  });
});

describe("a client's configuration that is written", () => {
  cases({
    'echo "{\\"auths\\":{\\"docker.io\\":{\\"auth\\":\\"$A\\"}}}" > ~/.docker/config.json': [
      "login docker.io as ? by config",
    ],
    'cat > $HOME/.docker/config.json <<EOF\n{"auths":{"https://index.docker.io/v1/":{"auth":"$A"}}}\nEOF': [
      "login https://index.docker.io/v1/ as ? by config",
    ],
    "jq -n '{auths:{\"docker.io\":{auth:env.A}}}' > ~/.docker/config.json": ["login docker.io as ? by config"],
    'echo \'{"credHelpers":{"public.ecr.aws":"ecr-login"}}\' | tee ~/.docker/config.json': [
      "login public.ecr.aws as ? by helper",
    ],
    'echo "$DOCKER_AUTH" > /kaniko/.docker/config.json': ["login $DOCKER_AUTH as ? by config $DOCKER_AUTH"],
    'echo \'{"registry-mirrors": ["https://mirror.gcr.io"]}\' | sudo tee /etc/docker/daemon.json': [
      "mirror https://mirror.gcr.io",
    ],
    'cat <<EOF > /etc/docker/daemon.json\n{\n "registry-mirrors": [\n "$M", "https://b"]\n}\nEOF': [
      "mirror ?",
      "mirror https://b",
    ],
    'printf \'[registry."docker.io"]\\n mirrors = ["m:5000"]\' > buildkitd.toml': ["mirror m:5000"],
    "nohup dockerd --host=unix:///x --registry-mirror=https://m &": ["mirror https://m"],
    'echo "{}" > other.json': [],
  });
});

describe("a pull", () => {
  cases({
    "docker pull -q nginx:1": ["pull nginx:1"],
    "docker image pull a; docker container run b; docker container create c; docker create d": [
      "pull a",
      "pull b",
      "pull c",
      "pull d",
    ],
    "docker run --rm -it -v $PWD:/x -w /x -eA=b --name n --network=host -p 80:80 node:20 npm ci": ["pull node:20"],
    "docker run --gpus all -u 0 --mount type=bind,src=a --add-host a:b img cmd": ["pull img"],
    "docker --config /x -H tcp://x run -d nginx": ["pull nginx"],
    "docker buildx --builder b build --push .; docker image; docker constructor x": ["buildx build ."],
    "docker run --pull never x; docker run --help": [],
    "docker run $DOCKER_OPTS nginx:1 $ARGS": ["pull nginx:1"],
    "docker run ${{ inputs.options }} a; docker run ${{ env.APP }} b": ["pull a", "pull ${{ env.APP }} of ?"],
    "docker run $IMAGE npm test": ["pull $IMAGE of ?"],
    "podman run docker.io/library/alpine true; nerdctl pull a": ["pull docker.io/library/alpine", "pull a"],
    "buildah from --name x alpine; buildah pull b": ["pull alpine", "pull b"],
    "skopeo copy docker://nginx docker://r.example/y; skopeo inspect --raw docker://b; skopeo copy dir:a docker://c": [
      "pull nginx",
      "pull b",
    ],
    "skopeo copy --src-creds u:$P docker://a/b dir:x": ["login Docker Hub as u by argument $P", "pull a/b"],
    "crane copy a b; crane digest x; crane manifest y; crane pull z z.tar": ["pull a", "pull y", "pull z"],
    "ctr -n k8s.io images pull --platform linux/amd64 docker.io/library/redis:7": ["pull docker.io/library/redis:7"],
    "docker buildx imagetools inspect a; docker manifest inspect b": ["pull a", "pull b"],
    "docker buildx create --use; docker buildx create --driver docker": ["pull moby/buildkit:buildx-stable-1"],
    "docker buildx create --driver-opt network=host,image=moby/buildkit:v1": ["pull moby/buildkit:v1"],
    "trivy image --severity HIGH --exit-code 1 python:3; trivy fs .; grype docker:a:1; grype dir:.": [
      "pull python:3",
      "pull a:1",
    ],
    "sam build --use-container; sam build; localstack start -d": [
      "pull sam build --use-container of public.ecr.aws",
      "pull localstack/localstack:latest",
    ],
    "helm pull oci://registry-1.docker.io/c/redis; pack build x --builder b/c:1; kind create cluster --image kindest/node:v1":
      ["pull registry-1.docker.io/c/redis", "pull b/c:1", "pull kindest/node:v1"],
    "ID=$(docker create nginx:1)": ["pull nginx:1"],
    "docker run scratch; docker run sha256:0123456789abcdef; docker run $(docker build -q .)": ["docker build ."],
    "docker push x; docker images; docker rmi y; docker save z; docker exec c docker-entrypoint": [],
    'echo "docker pull nginx"; # docker pull b': [],
    "command -v docker pull": [],
  });
});

test("a scanner and a builder that are containers themselves pull what they are told", () => {
  const read = (text: string) => readShell(wholeText(text), { variables: new Map() }).steps.map(describeStep);
  assert.deepEqual(read("docker run --rm aquasec/trivy image redis"), ["pull aquasec/trivy", "pull redis"]);
  assert.deepEqual(read("docker run gcr.io/kaniko-project/executor --dockerfile=a/D --destination=x"), [
    "pull gcr.io/kaniko-project/executor",
    "kaniko build . -f a/D",
  ]);
});

describe("a command inside of another one", () => {
  cases({
    "lima --workdir /tmp sudo /usr/local/bin/nerdctl run --rm a/b:1 true": ["pull a/b:1"],
    "timeout 60 sudo -E -u root env A=b nice -n 5 docker pull nginx": ["pull nginx"],
    "nohup docker pull a & time docker pull b; exec docker pull c": ["pull a", "pull b", "pull c"],
    "sh -c 'docker pull nginx:1'": ["pull nginx:1"],
    'bash -lc "docker pull \\"b:1\\" && docker pull $X"': ["pull b:1", "pull $X of ?"],
    "bash <<EOF\ndocker pull q\nEOF": ["pull q"],
    'eval "docker pull x"': ["pull x"],
    "echo a b | xargs -n1 docker pull": ["pull a", "pull b"],
    "xargs -I{} docker pull {} < list": [],
    "retry 3 docker pull nginx": ["pull nginx (retried)"],
    "aws-vault exec x -- docker pull a": ["pull a"],
    "A=`echo \\`docker pull a\\``": ["pull a"],
  });
});

describe("variables", () => {
  cases({
    "IMG=redis:7; docker pull $IMG": ["pull redis:7"],
    'export TAG="3"; docker pull python:${TAG}-slim': ["pull python:3-slim"],
    "docker pull ${IMG:-busybox:1}": ["pull busybox:1"],
    "IMG=$(cat x); docker pull ${IMG:-busybox:1}": ["pull ${IMG:-busybox:1} of ?"],
    ": ${T:=2}; A=x; A+=y; docker pull $A": ["pull xy"],
    "V=a:1; docker pull ${V%%:*}:2; docker pull ${V/a/b}": ["pull a:2", "pull b:1"],
    "R=docker.io/library; docker pull $R/nginx": ["pull docker.io/library/nginx"],
    "docker pull x:${{ github.sha }}; docker run ghcr.io/${{ github.repository }}/y": [
      "pull x:${{ github.sha }} of docker.io",
      "pull ghcr.io/${{ github.repository }}/y of ghcr.io",
    ],
    "docker pull python:$TAG; docker pull ghcr.io/$O/x; docker pull acme/x-$Y": [
      "pull python:$TAG of docker.io",
      "pull ghcr.io/$O/x of ghcr.io",
      "pull acme/x-$Y of docker.io",
    ],
    "REPO=$A.dkr.ecr.$R.amazonaws.com/x; docker pull $REPO:latest; docker pull $Z/b": [
      "pull $REPO:latest of *.dkr.ecr.*.amazonaws.com",
      "pull $Z/b of ?",
    ],
    "if a; then T=1; else T=2; fi; docker pull x:$T": ["pull x:$T of docker.io"],
    "if a; then T=1; else T=1; fi; docker pull x:$T": ["pull x:1"],
    "(T=1); T2=$T; read T3; docker pull x:$T$T2$T3": ["pull x:$T$T2$T3 of docker.io"],
    'O="--rm -it"; docker run $O nginx': ["pull nginx"],
  });

  test("come from the context, and go on to the next script", () => {
    const { steps: read, after } = readShell(wholeText("B=$A; docker pull $B; cd sub"), {
      variables: new Map([["A", shellVariable("nginx:1")]]),
    });
    assert.deepEqual(read.map(describeStep), ["pull nginx:1"]);
    const next = readShell(wholeText("docker build -t $B ."), after);
    assert.deepEqual(next.steps.map(describeStep), ["docker build sub"]);
    assert.ok(next.after.builtImages?.has("nginx:1"));
  });
});

describe("control flow", () => {
  cases({
    "for i in a:1 'b' $X; do docker pull $i; done": ["pull a:1", "pull b", "pull $i of ?"],
    'L="a:1 b:2"; for i in $L; do docker pull "$i"; done': ["pull a:1", "pull b:2"],
    'L=(a:1 b:2); L+=(c); for i in "${L[@]}"; do docker pull "$i" & done': ["pull a:1", "pull b:2", "pull c"],
    "for i in 1 2 3; do docker pull nginx && break; sleep 3; done": ["pull nginx (retried)"],
    "for i in a b; do docker pull $i; sleep 1; done": ["pull a", "pull b"],
    "for i in {1..5}; do docker pull a || sleep 1; done; while :; do docker pull b; sleep 1; done": [
      "pull a (retried)",
      "pull b (retried)",
    ],
    "if a; then I=x; else I=x; fi; docker pull $I": ["pull x"],
    "if a; then docker build -t x .; else docker pull x; fi; docker run x": ["docker build .", "pull x"],
    "until docker pull nginx:1; do sleep 5; done": ["pull nginx:1 (retried)"],
    "while read i; do docker pull $i; done < f": ["pull $i of ?"],
    "case $a in x) docker pull a;; y) docker pull b;; esac": ["pull a", "pull b"],
    'p() { docker pull "$1"; }; p a:1; p c:1': ["pull a:1", "pull c:1"],
    'p() { shift; for i in "$@"; do docker pull "$i"; done; }; p x a b': ["pull a", "pull b"],
    'retry() { for i in 1 2; do "$@" && return; sleep 1; done; }; retry docker pull nginx': ["pull nginx (retried)"],
    'f() { docker pull "$1"; }; main() { f q; }': ["pull $1 of ?", "pull q"],
    "f() { f; docker pull a; }; f": ["pull a"],
    "(docker pull a) && { docker pull b; } || docker pull c": ["pull a", "pull b", "pull c"],
  });

  test("functions that call each other twice each are not followed for ever", () => {
    const text = Array.from({ length: 40 }, (_, n) => `f${n}() { f${n + 1}; f${n + 1}; }`).join("\n");
    assert.deepEqual(steps(`${text}\nf40() { docker pull a; }\nf0`), ["pull a"]);
  });
});

describe("a build", () => {
  cases({
    "cd app; docker build -t x -f ci/Dockerfile --target t .": ["docker build app -f app/ci/Dockerfile --target t"],
    "(cd a && docker build .); docker build b; cd $X; docker build .": [
      "docker build a",
      "docker build b",
      "docker build ?",
    ],
    "pushd a; docker image build .; popd; docker buildx build --push .": ["docker build a", "buildx build ."],
    "docker buildx build --build-context a=docker-image://alpine:3 --cache-from type=registry,ref=u/c:x .": [
      "pull alpine:3",
      "pull u/c:x",
      "buildx build .",
    ],
    "docker build --build-arg BUILDKIT_SYNTAX=docker/dockerfile:1 .": ["pull docker/dockerfile:1", "docker build ."],
    "docker build https://github.com/a/b.git; docker build - < D": [
      "docker build https://github.com/a/b.git",
      "docker build ? -f D",
    ],
    "docker build - <<EOF\nFROM node:20 AS b\nFROM b\nFROM nginx\nEOF": [
      "pull node:20",
      "pull nginx",
      "docker build ?",
    ],
    "printf 'FROM alpine' > Dockerfile; docker build .": ["pull alpine", "docker build ."],
    "for f in */Dockerfile; do docker build -f $f .; done": ["docker build . -f $f"],
    "docker buildx bake -f b.hcl web": ["bake build ."],
    "buildah bud -t x -f F .; podman build --jobs 2 c": ["buildah build . -f F", "podman build c"],
    "/kaniko/executor --context dir:///w/app --dockerfile D --destination x --registry-mirror m": [
      "mirror m",
      "kaniko build /w/app -f D",
    ],
    "docker compose -f a.yml up -d db; docker-compose pull; docker-compose down": [
      "compose up a.yml +db",
      "compose pull",
    ],
    "COMPOSE_FILE=x.yml docker compose run --rm -e A=b web sh; docker stack deploy -c s.yml n": [
      "compose run x.yml +web",
      "compose stack deploy s.yml",
    ],
    "docker build -t x .; docker run x; docker run x:latest; docker run x:2": ["docker build .", "pull x:2"],
    "docker build --push -t a/x .; docker pull a/x; docker run a/x": ["docker build .", "pull a/x"],
    "docker build -t $R/x:$T .; docker run ${R}/x:${T}; docker tag a b; docker run b": ["docker build ."],
    "docker pull x:latest || true; docker build --cache-from x:latest -t x:latest .": [
      "pull x:latest",
      "docker build .",
    ],
  });

  test("tells the arguments that are constant from those that are given and unknown", () => {
    const text = "A=1; docker build --build-arg A --build-arg B=$C --build-arg=D=e .";
    const [step] = readShell(wholeText(text), { variables: new Map() }).steps;
    assert.ok(step?.kind === "build");
    assert.deepEqual(step.buildArguments, { A: "1", D: "e" });
    assert.deepEqual(step.unknownBuildArguments, ["B"]);
  });
});

describe("the place to change", () => {
  for (const [script, expected] of Object.entries({
    'docker pull "nginx:1"': ["reference nginx:1"],
    "docker pull python:$TAG": ["repository python"],
    "IMG='redis:7'; docker pull $IMG": ["reference redis:7"],
    "IMG=redis:7; echo pulling: $IMG; docker build --build-arg BASE=$IMG .; docker pull $IMG": ["reference redis:7"],
    "IMG=redis; docker pull $IMG; docker tag $IMG x/$IMG": [undefined],
    "IMG=redis; docker pull $IMG; docker build -t $IMG .": [undefined],
    "docker pull ${IMG:-busybox:1}": ["reference busybox:1"],
    "for i in a:1 b; do docker pull $i; done": ["reference a:1", "reference b"],
    "f() { docker pull $1; }; f a:1": ["reference a:1"],
    "skopeo copy docker://a/b:1 dir:x": ["reference a/b:1"],
    'docker pull a"b"': [undefined],
    "docker buildx create": [undefined],
  })) {
    test(script, () => assert.deepEqual(edits(script), expected));
  }
});

test("a syntax error is a note with its place, and what stands before it is read", () => {
  const { steps: read, notes } = readShell(wholeText("docker pull a\nif x; then docker pull b\n"), {
    variables: new Map(),
  });
  assert.deepEqual(read.map(describeStep), ["pull a", "pull b"]);
  assert.match(notes[0]?.message ?? "", /^not well-formed shell: /);
});

describe("scripts and recipes that are run", () => {
  const calls = (text: string) =>
    readShell(wholeText(text), { variables: new Map() }).calls.map(
      ({ path, target, stepsBefore }) => `${stepsBefore} ${path}${target === undefined ? "" : ` ${target}`}`,
    );

  test("are told with the number of steps before them, from where the script began", () => {
    const text =
      "docker pull a\n./ci/build.sh x\ncd web && bash test.sh; docker pull b; . ../env.sh\nsudo make -C app image push";
    assert.deepEqual(calls(text), [
      "1 ci/build.sh",
      "1 web/test.sh",
      "2 env.sh",
      "2 web/app/Makefile image",
      "2 web/app/Makefile push",
    ]);
  });

  test("of a package.json are told by their names", () => {
    assert.deepEqual(calls("npm ci; npm run build; yarn --cwd web test; just"), [
      "0 package.json build",
      "0 web/package.json test",
      "0 justfile",
    ]);
  });

  test("are none where the path is not constant, or leads out of the repository", () => {
    assert.deepEqual(calls("$X/build.sh; /usr/bin/x.sh; ~/y.sh; cd $D; ./z.sh; ./gradlew build; node x.js"), []);
  });
});

test("mutated scripts are read without an error, and each place says what is written there", () => {
  const script =
    'A=(x:1 "y"); for i in ${A[@]}; do docker run -e "B=$(cat <<E\nz\nE\n)" `echo \\`c\\`` ${i%:*} || sh -c "docker pull \\"$i\\""; done';
  const pieces = ["`", "$(", '"', "'", "<<E\n", "\\", "${", "}", "docker pull ", "|", "[", "\u0000", "{{"];
  for (let at = 0; at <= script.length; at++) {
    for (const piece of pieces) {
      for (const text of [script.slice(0, at) + piece + script.slice(at), piece + script.slice(at)]) {
        for (const { range, written } of shellScriptReader.read({ path: "x.sh", text }).images) {
          assert.equal(text.slice(range.start, range.end), written, text);
        }
      }
    }
  }
});

test("a command is not taken for what every object has", () => {
  for (const name of ["toString", "constructor", "__proto__", "crane toString"]) {
    const extraction = shellScriptReader.read({ path: "a.sh", text: `${name} x\ndocker pull nginx:1\n` });
    assert.deepEqual(
      extraction.images.map(({ written }) => written),
      ["nginx:1"],
      name,
    );
  }
});
