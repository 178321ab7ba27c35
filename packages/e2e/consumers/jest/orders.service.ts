import { Injectable } from "@nestjs/common";
import { declareSecrets, object, type WatchOf } from "@tacit/core";
import { createTacitDecorators } from "@tacit/nestjs";

export const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });
const { InjectSecret } = createTacitDecorators<typeof declared>();

@Injectable()
export class OrdersService {
  constructor(@InjectSecret("db") private readonly db: WatchOf<typeof declared, "db">) {}

  user(): string {
    return this.db.latest.reveal().username;
  }
}
