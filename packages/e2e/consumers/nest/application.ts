import { Controller, Get, Inject, Module } from "@nestjs/common";
import { type HealthCheckResult, HealthCheckService, TerminusModule } from "@nestjs/terminus";
import { declareSecrets, object, type SecretChange, type SecretsOf, type WatchOf } from "@tacit/core";
import { createTacitDecorators, getSecretsToken, TacitHealthIndicator, TacitModule } from "@tacit/nestjs";
import { adapters } from "@tacit/providers";

export const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });
export const { InjectSecret, InjectSecrets, OnSecretChange } = createTacitDecorators<typeof declared>();

@Controller()
export class OrdersController {
  private changes = 0;

  constructor(
    @InjectSecret("db") private readonly db: WatchOf<typeof declared, "db">,
    @Inject("pool") private readonly pool: string,
  ) {}

  @Get()
  read(): object {
    return { user: this.db.latest.reveal().username, pool: this.pool, changes: this.changes };
  }

  @OnSecretChange("db")
  onRotation({ current }: SecretChange<{ username: string; password: string }>): void {
    if (current.reveal().username !== "") this.changes += 1;
  }
}

/** What must not compile. */
export class Mistaken {
  // @ts-expect-error a number is no watch
  constructor(@InjectSecret("db") readonly db: number) {}

  // @ts-expect-error a change of a pair is none of a number
  @OnSecretChange("db")
  onRotation(_change: SecretChange<number>): void {}
}

@Controller("readyz")
export class ReadinessController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(TacitHealthIndicator) private readonly secrets: TacitHealthIndicator,
  ) {}

  @Get()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.secrets.isHealthy()]);
  }
}

@Module({
  imports: [TacitModule.forRootAsync({ declare: declared, useFactory: () => ({ adapters }) }), TerminusModule],
  controllers: [OrdersController, ReadinessController],
  providers: [
    {
      provide: "pool",
      inject: [getSecretsToken()],
      useFactory: (secrets: SecretsOf<typeof declared>) => `pool of ${secrets.latest("db").reveal().username}`,
    },
  ],
})
export class AppModule {}
