import { declareSecrets, object, type SecretsOf } from "@tacit/core";
import { connectAsync, ErrorWithReasonCode, type MqttClient } from "mqtt";

export const declared = declareSecrets({ broker: { ref: "mq/app", as: object(["username", "password"]) } });

/** Publishes messages, and connects for one where no connection is left. */
export interface Publisher {
  publish(topic: string, message: string): Promise<void>;
  close(): Promise<void>;
}

/** A publisher whose every connection logs in with the newest credential; if that is refused, once more with one just read. */
export function createPublisher(secrets: SecretsOf<typeof declared>, url: string): Publisher {
  let connection: Promise<MqttClient> | undefined;
  const forget = (): void => {
    connection = undefined;
  };
  const connect = async (): Promise<MqttClient> => {
    // by itself, mqtt would log in again with the credential that it began with
    const open = (login: { username: string; password: string }) =>
      connectAsync(url, { ...login, reconnectPeriod: 0, connectTimeout: 5_000 }, false);
    const client = await secrets.use("broker", (login) => open(login.reveal()), { rejected: isBadLogin });
    client.on("error", () => undefined); // a close follows
    client.once("close", () => {
      forget();
      client.end(true); // fails what the broker has not confirmed
    });
    return client;
  };
  return {
    async publish(topic, message) {
      connection ??= connect();
      connection.catch(forget); // the next message tries again
      const client = await connection;
      await client.publishAsync(topic, message, { qos: 1 });
    },
    async close() {
      const client = await connection?.catch(() => undefined);
      await client?.endAsync();
    },
  };
}

/** MQTT 3.1.1: 4 is a bad user name or password, 5 is not authorized. */
function isBadLogin(error: unknown): boolean {
  return error instanceof ErrorWithReasonCode && (error.code === 4 || error.code === 5);
}
