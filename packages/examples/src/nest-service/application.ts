import "reflect-metadata";
import { Controller, Get, Inject, Logger, Module } from "@nestjs/common";
import { type HealthCheckResult, HealthCheckService, TerminusModule } from "@nestjs/terminus";
import { declareSecrets, object, type SecretChange, type WatchOf } from "@tacit/core";
import { createTacitDecorators, TacitHealthIndicator, TacitModule } from "@tacit/nestjs";
import { adapters } from "@tacit/providers";

export const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });
const { InjectSecret, OnSecretChange } = createTacitDecorators<typeof declared>();

@Controller()
export class OrdersController {
  readonly #db: WatchOf<typeof declared, "db">;
  readonly #logger: Logger = new Logger("Orders");

  constructor(@InjectSecret("db") db: WatchOf<typeof declared, "db">) {
    this.#db = db;
  }

  @Get()
  connectedAs(): string {
    return `connected as ${this.#db.latest.reveal().username}`; // never waits; always one whole version
  }

  @OnSecretChange("db")
  onRotation({ current }: SecretChange<{ username: string }>): void {
    this.#logger.log(`db changed, now connecting as ${current.reveal().username}`);
  }
}

@Controller("readyz")
export class ReadinessController {
  readonly #health: HealthCheckService;
  readonly #secrets: TacitHealthIndicator;

  constructor(
    @Inject(HealthCheckService) health: HealthCheckService,
    @Inject(TacitHealthIndicator) secrets: TacitHealthIndicator,
  ) {
    this.#health = health;
    this.#secrets = secrets;
  }

  @Get()
  check(): Promise<HealthCheckResult> {
    return this.#health.check([() => this.#secrets.isHealthy()]);
  }
}

@Module({
  imports: [TacitModule.forRoot({ declare: declared, adapters }), TerminusModule],
  controllers: [OrdersController, ReadinessController],
})
export class AppModule {}
