import { ConsoleLogger } from '@nestjs/common';
import type { Environment } from './environment';
import { requestId } from './request-id';

/** Writes a line for each event: JSON in production, else readable. It names the request that is being worked on. */
export class ApiLogger extends ConsoleLogger {
  constructor({ NODE_ENV, LOG_LEVEL }: Environment) {
    super({
      json: NODE_ENV === 'production',
      // It and those above it.
      logLevels: [LOG_LEVEL],
      colors: NODE_ENV !== 'production' && Boolean(process.stdout.isTTY),
      compact: true,
      breakLength: Infinity,
    });
  }

  /** A message that has fields, such as the line of an export, gives them to the line, so that they can be searched for. */
  protected override getJsonLogObject(
    ...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>
  ) {
    const fields = typeof message === 'object' && message !== null ? message : undefined;
    const line = super.getJsonLogObject(fields ? undefined : message, options);
    return { requestId: requestId(), ...fields, ...line };
  }

  protected override formatMessage(...parts: Parameters<ConsoleLogger['formatMessage']>): string {
    const [level, message, pid, levelName, context, ...rest] = parts;
    const id = requestId();
    return super.formatMessage(
      level,
      message,
      pid,
      levelName,
      id ? `${context}[${id}] ` : context,
      ...rest,
    );
  }
}
