import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallContext } from "../../aws-api/service.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { openEcsStore } from "./ecs-store.ts";
import { ecsOperations } from "./operations.ts";

const account = "123456789012";
const context: CallContext = {
  service: "ecs",
  operation: "RegisterTaskDefinition",
  requestId: "1",
  region: "eu-west-1",
  account,
  principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
};
const arn = (revision: string) => `arn:aws:ecs:eu-west-1:${account}:task-definition/${revision}`;
const web = { name: "web", image: `${account}.dkr.ecr.eu-west-1.amazonaws.com/app:1`, memory: 256 };
const task = { family: "demo-task", containerDefinitions: [web] };

function open() {
  return ecsOperations({ ecs: openEcsStore(openSqliteStore(":memory:")), now: () => new Date("2026-11-24T00:00:00Z") });
}

test("a registration is answered with AWS's defaults", () => {
  const input = {
    ...task,
    networkMode: "bridge" as const,
    containerDefinitions: [{ ...web, portMappings: [{ containerPort: 80 }] }],
  };
  assert.deepEqual(open().RegisterTaskDefinition.run(input, context), {
    taskDefinition: {
      taskDefinitionArn: arn("demo-task:1"),
      family: "demo-task",
      revision: 1,
      status: "ACTIVE",
      networkMode: "bridge",
      containerDefinitions: [
        {
          ...web,
          cpu: 0,
          portMappings: [{ containerPort: 80, hostPort: 0, protocol: "tcp" }],
          essential: true,
          environment: [],
          mountPoints: [],
          volumesFrom: [],
          systemControls: [],
        },
      ],
      volumes: [],
      placementConstraints: [],
      compatibilities: ["EC2"],
      requiresAttributes: [
        { name: "com.amazonaws.ecs.capability.ecr-auth" },
        { name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" },
      ],
      registeredAt: new Date("2026-11-24T00:00:00Z"),
      registeredBy: `arn:aws:iam::${account}:root`,
    },
  });
});

test("a task definition is described by family, revision and ARN", () => {
  const { RegisterTaskDefinition, DescribeTaskDefinition } = open();
  RegisterTaskDefinition.run({ ...task, tags: [{ key: "team", value: "web" }] }, context);
  RegisterTaskDefinition.run(task, context);
  const revision = (taskDefinition: string) =>
    DescribeTaskDefinition.run({ taskDefinition }, context).taskDefinition.revision;
  assert.equal(revision("demo-task"), 2);
  assert.equal(revision("demo-task:1"), 1);
  assert.equal(revision(arn("demo-task:1")), 1);
  assert.equal(revision(arn("demo-task")), 2);
  const described = DescribeTaskDefinition.run({ taskDefinition: "demo-task:1", include: ["TAGS"] }, context);
  assert.deepEqual(described.tags, [{ key: "team", value: "web" }]);
  assert.equal("tags" in DescribeTaskDefinition.run({ taskDefinition: "demo-task:1" }, context), false);
});

test("what is not there cannot be described", () => {
  const { RegisterTaskDefinition, DescribeTaskDefinition } = open();
  RegisterTaskDefinition.run(task, context);
  for (const taskDefinition of [
    "demo",
    "demo-task:2",
    arn("demo-task:1").replace("eu-west-1", "us-east-1"),
    "a b",
    "",
  ]) {
    assert.throws(() => DescribeTaskDefinition.run({ taskDefinition }, context), {
      name: "ClientException",
      message: "Unable to describe task definition.",
    });
  }
});

test("a deregistered revision stays readable, is not the family's newest, and its number is not given again", () => {
  const { RegisterTaskDefinition, DeregisterTaskDefinition, DescribeTaskDefinition } = open();
  for (const _ of [1, 2]) RegisterTaskDefinition.run(task, context);
  const deregister = () => DeregisterTaskDefinition.run({ taskDefinition: "demo-task:2" }, context);
  assert.equal(deregister().taskDefinition?.status, "INACTIVE");
  assert.throws(deregister, { name: "ClientException", message: /is inactive/ });
  const describe = (taskDefinition: string) => DescribeTaskDefinition.run({ taskDefinition }, context).taskDefinition;
  assert.equal(describe("demo-task").revision, 1);
  assert.equal(describe("demo-task:2").status, "INACTIVE");
  assert.equal(RegisterTaskDefinition.run(task, context).taskDefinition?.revision, 3);
});

test("lists tell active from inactive and come in pages and both directions", () => {
  const { RegisterTaskDefinition, DeregisterTaskDefinition, ListTaskDefinitions, ListTaskDefinitionFamilies } = open();
  for (const family of ["a", "a", "ab", "b"]) RegisterTaskDefinition.run({ ...task, family }, context);
  DeregisterTaskDefinition.run({ taskDefinition: "b:1" }, context);
  const list = (input: object) => ListTaskDefinitions.run(input, context).taskDefinitionArns;
  assert.deepEqual(list({}), [arn("a:1"), arn("a:2"), arn("ab:1")]);
  assert.deepEqual(list({ familyPrefix: "a", sort: "DESC" }), [arn("a:2"), arn("a:1")]);
  assert.deepEqual(list({ status: "INACTIVE" }), [arn("b:1")]);
  const first = ListTaskDefinitions.run({ maxResults: 2 }, context);
  assert.deepEqual(list({ maxResults: 2, nextToken: first.nextToken }), [arn("ab:1")]);
  const families = (input: object) => ListTaskDefinitionFamilies.run(input, context).families;
  assert.deepEqual(families({}), ["a", "ab", "b"]);
  assert.deepEqual(families({ familyPrefix: "a", status: "ACTIVE" }), ["a", "ab"]);
  assert.deepEqual(families({ status: "INACTIVE" }), ["b"]);
});

test("a task that Fargate can run is compatible with it, and its ports are the host's", () => {
  const input = {
    ...task,
    networkMode: "awsvpc" as const,
    cpu: ".25 vCPU",
    memory: "0.5 GB",
    requiresCompatibilities: ["FARGATE" as const],
    executionRoleArn: `arn:aws:iam::${account}:role/run`,
    containerDefinitions: [
      { ...web, portMappings: [{ containerPort: 80 }], logConfiguration: { logDriver: "awslogs" as const } },
    ],
  };
  const registered = open().RegisterTaskDefinition.run(input, context).taskDefinition;
  assert.deepEqual(registered?.compatibilities, ["EC2", "FARGATE"]);
  assert.equal(registered?.cpu, "256");
  assert.equal(registered?.memory, "512");
  assert.deepEqual(registered?.containerDefinitions?.[0]?.portMappings, [
    { containerPort: 80, hostPort: 80, protocol: "tcp" },
  ]);
  assert.deepEqual(registered?.requiresAttributes?.map(({ name }) => name?.split("capability.")[1]).sort(), [
    "docker-remote-api.1.18",
    "docker-remote-api.1.19",
    "ecr-auth",
    "execution-role-awslogs",
    "execution-role-ecr-pull",
    "logging-driver.awslogs",
    "task-eni",
  ]);
});

const fargate = { networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"], cpu: "256", memory: "512" };
const refused: [title: string, change: object, message: RegExp][] = [
  ["a family with a blank", { family: "a b" }, /^Family contains invalid characters/],
  ["no container", { containerDefinitions: [] }, /^Container list cannot be empty\.$/],
  [
    "a container without name",
    { containerDefinitions: [{ ...web, name: undefined }] },
    /^Container\.name should not be null/,
  ],
  [
    "a container without image",
    { containerDefinitions: [{ ...web, image: "" }] },
    /^Container\.image should not be null/,
  ],
  ["two containers of a name", { containerDefinitions: [web, web] }, /web/],
  [
    "no essential container",
    { containerDefinitions: [{ ...web, essential: false }] },
    /At least one essential container/,
  ],
  [
    "a container without memory",
    { containerDefinitions: [{ ...web, memory: undefined }] },
    /^Invalid setting for container 'web'/,
  ],
  ["too little memory", { containerDefinitions: [{ ...web, memory: 3 }] }, /minimum is 4/],
  ["more reserved than allowed", { containerDefinitions: [{ ...web, memoryReservation: 512 }] }, /memoryReservation/],
  [
    "a volume that is not there",
    { containerDefinitions: [{ ...web, mountPoints: [{ sourceVolume: "v" }] }] },
    /Unknown volume 'v'/,
  ],
  [
    "a dependency on itself",
    { containerDefinitions: [{ ...web, dependsOn: [{ containerName: "web", condition: "START" }] }] },
    /cannot depend/,
  ],
  ["a port beyond 65535", { containerDefinitions: [{ ...web, portMappings: [{ containerPort: 70000 }] }] }, /70000/],
  [
    "another host port with awsvpc",
    { networkMode: "awsvpc", containerDefinitions: [{ ...web, portMappings: [{ containerPort: 80, hostPort: 81 }] }] },
    /must match/,
  ],
  ["an unknown network mode", { networkMode: "nat" }, /nat/],
  ["an unknown compatibility", { requiresCompatibilities: ["LAMBDA"] }, /LAMBDA/],
  ["a size that is none", { cpu: "some" }, /'cpu' setting for task: some/],
  ["Fargate without awsvpc", { ...fargate, networkMode: "bridge" }, /^Fargate only supports network mode/],
  [
    "Fargate without cpu",
    { ...fargate, cpu: undefined },
    /^Fargate requires that 'cpu' be defined at the task level\.$/,
  ],
  ["Fargate without memory", { ...fargate, memory: undefined }, /'memory' be defined at the task level/],
  [
    "a size that Fargate has not",
    { ...fargate, memory: "4096" },
    /^No Fargate configuration exists for given values\.$/,
  ],
];

for (const [title, change, message] of refused) {
  test(`a registration is refused: ${title}`, () => {
    const { RegisterTaskDefinition, ListTaskDefinitions } = open();
    const register = () => RegisterTaskDefinition.run({ ...task, ...change }, context);
    assert.throws(register, { name: "ClientException", message });
    assert.deepEqual(ListTaskDefinitions.run({}, context).taskDefinitionArns, []);
  });
}

test("a registration needs permission to pass its roles", () => {
  const role = `arn:aws:iam::${account}:role/run`;
  const input = { ...task, executionRoleArn: role, taskRoleArn: role };
  assert.deepEqual(open().RegisterTaskDefinition.permissions(input, context), [
    { action: "ecs:RegisterTaskDefinition", resource: arn("demo-task:*") },
    { action: "iam:PassRole", resource: role, conditionValues: { "iam:passedtoservice": "ecs-tasks.amazonaws.com" } },
  ]);
});
