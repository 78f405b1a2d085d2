import { inspect } from 'node:util';
import { ConsoleLogger } from '@nestjs/common';
import type { Environment } from './environment';
import { requestId } from './request-id';

/**
 * Writes a line for each event: JSON in production, else readable. It names the request that is being worked on.
 *
 * It overrides three protected methods of Nest's logger, which has no other way to add a field or to write a message with fields on
 * one line. Nothing else in the app uses them, and the logger's test fails if a version of Nest no longer calls them so.
 */
export class ApiLogger extends ConsoleLogger {
  constructor({ NODE_ENV, LOG_LEVEL }: Pick<Environment, 'NODE_ENV' | 'LOG_LEVEL'>) {
    super({
      json: NODE_ENV === 'production',
      // It and those above it.
      logLevels: [LOG_LEVEL],
      colors: NODE_ENV !== 'production' && Boolean(process.stdout.isTTY),
      compact: true,
      breakLength: Infinity,
    });
  }

  /** The fields of a message become fields of the line, so that they can be searched for. */
  protected override getJsonLogObject(
    ...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>
  ) {
    const { message: text, ...fields } = isObject(message) ? message : { message };
    return { requestId: requestId(), ...fields, ...super.getJsonLogObject(text, options) };
  }

  /** The fields of a message follow its text. */
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
