import { createEvents } from "../../src/events/events.ts";

const { emit } = createEvents();
emit({ type: "provider-recovered", provider: "vault" });
