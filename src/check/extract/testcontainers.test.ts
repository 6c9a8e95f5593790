import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { testcontainersReader } from "./testcontainers.ts";

function read(path: string, text: string): string[] {
  assert.ok(testcontainersReader.isFor({ path, text }), path);
  checkReaderContract(testcontainersReader, { path, text });
  const { images } = testcontainersReader.read({ path, text });
  assert.ok(images.every(({ kind }) => kind === "development"));
  return images.map(({ written }) => written);
}

for (const [language, path, text, expected] of [
  [
    "Java",
    "ATest.java",
    `import org.testcontainers.containers.*;
    static final String IMAGE = "kafka/kafka:3";
    new GenericContainer<>(DockerImageName.parse("redis:7").asCompatibleSubstituteFor("redis"));
    new PostgreSQLContainer<>("postgres:16"); new KafkaContainer(DockerImageName.parse(IMAGE));
    new MySQLContainer("5.7"); new LoginContainer("title"); // new GenericContainer("old:1")`,
    ["kafka/kafka:3", "redis:7", "postgres:16"],
  ],
  [
    "Kotlin",
    "ATest.kt",
    `import org.testcontainers.containers.*
    val a = GenericContainer<Nothing>("redis:7").apply { }
    val b = PostgreSQLContainer<Nothing>("postgres:16")`,
    ["redis:7", "postgres:16"],
  ],
  [
    "Go",
    "a_test.go",
    `import "github.com/testcontainers/testcontainers-go"
    req := testcontainers.ContainerRequest{
      ExposedPorts: []string{"80/tcp"}, Image: "nginx:1",
    }
    postgres.Run(ctx, "postgres:16", postgres.WithDatabase("x"))
    mysql.RunContainer(ctx, testcontainers.WithImage("mysql:8"))
    t.Run("a/b", func(t *testing.T) {})`,
    ["nginx:1", "postgres:16", "mysql:8"],
  ],
  [
    "TypeScript",
    "a.test.ts",
    `import { GenericContainer } from "testcontainers";
    await new GenericContainer("redis").start(); await new PostgreSqlContainer('postgres:16').start();`,
    ["redis", "postgres:16"],
  ],
  [
    "Python",
    "test_a.py",
    `from testcontainers.postgres import PostgresContainer
PG = "pgvector/pgvector:pg16"
with PostgresContainer("postgres:16", driver=None) as a, DockerContainer(image="redis:7"), PostgresContainer(PG):
    """ DockerContainer("example:1") # """
    pass # PostgresContainer("old:1")`,
    ["pgvector/pgvector:pg16", "postgres:16", "redis:7"],
  ],
  [
    ".NET",
    "ATests.cs",
    `using Testcontainers.PostgreSql;
    new PostgreSqlBuilder().WithImage("postgres:16").Build(); new ContainerBuilder().WithImage($"x:{tag}");`,
    ["postgres:16", "x:{tag}"],
  ],
] as const) {
  test(`containers of tests in ${language} are found`, () => {
    assert.deepEqual(read(path, text), expected);
  });
}

test("a bare name is an image where the class is imported from Testcontainers, and a version is none", () => {
  const use =
    'with RedisContainer("hello-world") as a, Cache("x"), PostgresContainer("9.6"), MyContainer("title"):\n    pass\n';
  const python = `from testcontainers.redis import (\n    AsyncRedisContainer,\n    RedisContainer,\n)\n${use}`;
  assert.deepEqual(read("test_a.py", python), ["hello-world"]);
  assert.deepEqual(read("test_a.py", `from testcontainers import x\nfrom y import RedisContainer\n${use}`), []);
  const renamed =
    'import { RedisContainer as Redis, KafkaContainer } from "@testcontainers/x";\nnew KafkaContainer("kafka");';
  assert.deepEqual(read("a.test.ts", renamed), ["kafka"]);
  const java = "import org.testcontainers.containers.MySQLContainer;\n";
  assert.deepEqual(read("A.java", `${java}new MySQLContainer("mysql"); new MySQLContainer("5.7");`), ["mysql"]);
  assert.deepEqual(read("A.java", `${java}new MySQLContainer("latest");`), []);
});

test("code without Testcontainers is left alone", () => {
  assert.equal(testcontainersReader.isFor({ path: "a.ts", text: 'new GenericContainer("redis")' }), false);
  assert.equal(testcontainersReader.isFor({ path: "a.md", text: "testcontainers" }), false);
});
