import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  GetParametersCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { forever, read, region, textOf } from "../../../test/aws-fixture.ts";
import { openParameterStoreFixture } from "../../../test/aws-parameter-store/harness.ts";
import { openSecretsManagerFixture } from "../../../test/aws-secrets-manager/harness.ts";
import { rejection } from "../../../test/http-fixture.ts";
import { awsEndpoint } from "./aws-endpoint.ts";

// Amazon's clients verify the doubles: their responses must be readable by them.

describe("the official client of Secrets Manager", () => {
  async function openOfficial() {
    const fixture = await openSecretsManagerFixture();
    const { double } = fixture;
    const { accessKeyId, secretAccessKey, sessionToken } = double.makeKey("ASIAOFFICIAL00000001", true);
    const credentials = { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? "" };
    const client = new SecretsManagerClient({
      region,
      endpoint: double.url,
      credentials,
      maxAttempts: 1,
      systemClockOffset: offset(fixture.clock.now()),
    });
    return { fixture, client };
  }

  test("reads the same from the double, with signatures that it verifies", async () => {
    const { fixture, client } = await openOfficial();
    await using _ = fixture;
    const { store } = fixture;
    const { id } = store.put("prod/db", "one");
    store.put("prod/db", "two");
    store.put("prod/binary", Uint8Array.from([0, 255, 10]));
    const get = (input: ConstructorParameters<typeof GetSecretValueCommand>[0]): Promise<GetSecretValueCommandOutput> =>
      client.send(new GetSecretValueCommand(input));
    const provider = await fixture.open();
    const current = await get({ SecretId: "prod/db" });
    expect(current.SecretString).toBe(await textOf(read(provider, "prod/db")));
    expect(await read(provider, "prod/db")).toMatchObject({
      version: current.VersionId,
      createdAt: current.CreatedDate,
    });
    expect((await get({ SecretId: "prod/db", VersionStage: "AWSPREVIOUS" })).SecretString).toBe("one");
    expect((await get({ SecretId: "prod/db", VersionId: id })).SecretString).toBe("one");
    expect((await get({ SecretId: "prod/binary" })).SecretBinary).toEqual(Uint8Array.from([0, 255, 10]));
    const { SecretValues, Errors } = await client.send(
      new BatchGetSecretValueCommand({ SecretIdList: ["prod/db", "prod/none", "prod/binary"] }),
    );
    expect(SecretValues?.map(({ Name }) => Name).sort()).toEqual(["prod/binary", "prod/db"]);
    expect(Errors).toMatchObject([{ SecretId: "prod/none", ErrorCode: "ResourceNotFoundException" }]);
    client.destroy();
  });

  test("recognises the same refusals of the double", async () => {
    const { fixture, client } = await openOfficial();
    await using _ = fixture;
    const { store, double } = fixture;
    store.put("db", "value");
    const provider = await fixture.open();
    const get = (): Promise<unknown> => client.send(new GetSecretValueCommand({ SecretId: "db" }));
    const outcomes: unknown[] = [];
    const compare = async (): Promise<void> => {
      const official = (await rejection(get())) as Error;
      const ours = await read(provider, "db").then(
        ({ status }) => status,
        ({ code }: { code: string }) => code,
      );
      outcomes.push([official.name, ours]);
    };
    store.refused.set("db", ["AccessDeniedException", "no"]);
    await compare();
    store.refused.set("db", ["ThrottlingException", "Rate exceeded"]);
    await compare();
    store.refused.clear();
    store.deleted.add("db");
    await compare();
    store.secrets.delete("db");
    store.deleted.clear();
    await compare();
    double.refusesLogins = true;
    await compare();
    expect(outcomes).toEqual([
      ["AccessDeniedException", "PERMISSION_DENIED"],
      ["ThrottlingException", "THROTTLED"],
      ["InvalidRequestException", "not-found"],
      ["ResourceNotFoundException", "not-found"],
      ["UnrecognizedClientException", "UNAUTHENTICATED"],
    ]);
    client.destroy();
  });
});

test("the official client of Parameter Store reads the same from the double, in lists and pages", async () => {
  await using fixture = await openParameterStoreFixture();
  const { store, double } = fixture;
  const { accessKeyId, secretAccessKey } = double.makeKey("AKIAOFFICIAL00000001");
  const credentials = { accessKeyId, secretAccessKey };
  const client = new SSMClient({
    region,
    endpoint: double.url,
    credentials,
    maxAttempts: 1,
    systemClockOffset: offset(fixture.clock.now()),
  });
  store.put("/app/db", "one");
  store.put("/app/db", "two", { labels: ["live"] });
  for (let index = 0; index < 12; index += 1) store.put(`/app/group/k${index}`, `value ${index}`);
  const provider = await fixture.open();
  const { Parameter } = await client.send(new GetParameterCommand({ Name: "/app/db", WithDecryption: true }));
  expect(Parameter?.Value).toBe(await textOf(read(provider, "app/db")));
  expect(await read(provider, "app/db")).toMatchObject({ createdAt: Parameter?.LastModifiedDate });
  const labelled = await client.send(new GetParameterCommand({ Name: "/app/db:live", WithDecryption: true }));
  expect(labelled.Parameter?.Value).toBe(
    await textOf(provider.get({ path: "app/db", version: { id: "live" } }, forever)),
  );
  const list = await client.send(new GetParametersCommand({ Names: ["/app/db", "/app/none"], WithDecryption: true }));
  expect([list.Parameters?.length, list.InvalidParameters]).toEqual([1, ["/app/none"]]);
  let [token, count]: [string | undefined, number] = [undefined, 0];
  do {
    const page: GetParametersByPathCommandOutput = await client.send(
      new GetParametersByPathCommand({ Path: "/app/group", NextToken: token }),
    );
    count += page.Parameters?.length ?? 0;
    token = page.NextToken;
  } while (token !== undefined);
  expect(count).toBe(12);
  client.destroy();
});

describe("the address of a region equals that of the official clients", () => {
  const secretsManager = { name: "secretsmanager", variable: "SECRETS_MANAGER" } as const;
  const ssm = { name: "ssm", variable: "SSM" } as const;
  const regions = [
    "eu-central-1",
    "us-east-1",
    "cn-north-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "eusc-de-east-1",
    "ap-southeast-5",
  ];
  const kinds = [
    { fips: false, dualStack: false },
    { fips: true, dualStack: false },
    { fips: false, dualStack: true },
    { fips: true, dualStack: true },
  ];
  const places = regions.flatMap((each) => kinds.map((kind) => ({ region: each, ...kind })));

  test.each(places)("%j", (place) => {
    const parameters = { Region: place.region, UseFIPS: place.fips, UseDualStack: place.dualStack };
    for (const [service, Client] of [
      [secretsManager, SecretsManagerClient],
      [ssm, SSMClient],
    ] as const) {
      const { endpointProvider } = new Client({ region: place.region }).config as unknown as {
        endpointProvider(o: object): { url: URL };
      };
      let official: string | undefined;
      try {
        official = endpointProvider(parameters).url.origin;
      } catch {
        // The official client has no such address.
        continue;
      }
      expect(awsEndpoint(service, place, {})).toBe(official);
    }
  });
});

/** Returns the offset that the SDK adds to the clock of the machine. */
function offset(now: number): number {
  return now - Date.now();
}
