/** The part of a powertools provider that is compared. */
export interface Parameters {
  get(name: string, options?: { maxAge?: number }): Promise<unknown>;
}

/** powertools' BaseProvider over a function: its cache without any vendor's SDK. */
export async function memoryParameters(load: (name: string) => Promise<string>): Promise<Parameters> {
  const { BaseProvider } = await import("@aws-lambda-powertools/parameters/base");
  class MemoryProvider extends BaseProvider {
    protected override _get(name: string): Promise<string> {
      return load(name);
    }
    protected override async _getMultiple(): Promise<Record<string, unknown>> {
      return {};
    }
  }
  return new MemoryProvider({});
}
