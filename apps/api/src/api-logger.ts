import { inspect } from 'node:util';
import { ConsoleLogger } from '@nestjs/common';
import type { Environment } from './environment';
import { requestId } from './request-id';

/**
 * Writes one line per event, as JSON in production and as text otherwise, with the id of the current request.
 *
 * It overrides three protected methods of Nest's logger, which has no public way to add a field or to put the
 * fields of a message on its line. The spec fails if a version of Nest no longer calls them.
 */
export class ApiLogger extends ConsoleLogger {
  constructor({ NODE_ENV, LOG_LEVEL }: Pick<Environment, 'NODE_ENV' | 'LOG_LEVEL'>) {
    super({
      json: NODE_ENV === 'production',
      // Nest enables the higher levels as well.
      logLevels: [LOG_LEVEL],
      colors: NODE_ENV !== 'production' && Boolean(process.stdout.isTTY),
      compact: true,
      breakLength: Infinity,
    });
  }

  /** Adds the fields of a message to the JSON object, so that logs can be queried by them. */
  protected override getJsonLogObject(
    ...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>
  ) {
    const { message: text, ...fields } = isObject(message) ? message : { message };
    return { requestId: requestId(), ...fields, ...super.getJsonLogObject(text, options) };
  }

  /** Appends the fields of a message to its text. */
  protected override stringifyMessage(
    ...[message, level]: Parameters<ConsoleLogger['stringifyMessage']>
  ): string {
    if (!isObject(message) || typeof message['message'] !== 'string') {
      return super.stringifyMessage(message, level);
    }
    const { message: text, ...fields } = message;
    return `${super.stringifyMessage(text, level)} ${inspect(fields, this.inspectOptions)}`;
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

function isObject(message: unknown): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null && !(message instanceof Error);
}
