import type { Writable } from "node:stream";
import { type Redactor, redactExpressErrors } from "@tacit/core/redact";
import express, { type Express, type Router } from "express";
import morgan from "morgan";

/** An application whose access log and error pages hold no value. The error middleware comes after the routes and before others. */
export function createApplication(routes: Router, redactor: Redactor, stdout: Writable): Express {
  const application = express();
  application.use(morgan("combined", { stream: redactor.writable(stdout) }));
  application.use(routes);
  application.use(redactExpressErrors(redactor));
  return application;
}
