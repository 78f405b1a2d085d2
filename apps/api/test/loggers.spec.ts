import { Writable } from 'node:stream';
import { describeEachDatabase, until } from '@calls/testing';
import type { LoggerService } from '@nestjs/common';
import { WinstonModule } from 'nest-winston';
import pino from 'pino';
import { format, transports } from 'winston';
import { ApiLogger } from '../src/api-logger';
import { dataSourceOptions } from '../src/data-source-options';
import { startApi } from './start-api';

/** Collects the lines that a logger writes. */
class Lines extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }

  /** The log lines of exports. */
  get ofExport(): string[] {
    return this.text.split('\n').filter((line) => line.includes('Export completed'));
  }
}

/** Passes fields to pino like nestjs-pino, which requires a newer Node.js than this repository. */
function pinoLogger(lines: Lines): LoggerService {
  const logger = pino({}, lines);
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.pop();
      if (typeof message === 'object') logger[level]({ context, ...message });
      else logger[level]({ context }, String(message));
    };
  return { log: write('info'), warn: write('warn'), error: write('error') };
}

const LOGGERS: Record<string, (lines: Lines) => LoggerService> = {
  'winston, as JSON': (stream) =>
    WinstonModule.createLogger({
      format: format.json(),
      transports: [new transports.Stream({ stream })],
    }),
  pino: pinoLogger,
};

describeEachDatabase(
  'The log line of an export',
  dataSourceOptions,
  (database) => {
    async function exportWith(logger: LoggerService): Promise<void> {
      const api = await startApi(database.url, {}, logger);
      try {
        await (await api.export()).text();
      } finally {
        await api.close();
      }
    }

    it.each(Object.keys(LOGGERS))('has its message and its fields with %s', async (name) => {
      const lines = new Lines();
      await exportWith((LOGGERS[name] as (lines: Lines) => LoggerService)(lines));
      await until(() => lines.ofExport.length > 0, 10_000);
      expect(lines.ofExport.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          message: expect.stringMatching(/^Export completed: 0 calls, \d+ bytes$/),
          context: 'CallsExport',
          export: 'completed',
          account: 1,
          rows: 0,
        }),
      ]);
    });

    it('is readable with winston as text', async () => {
      const lines = new Lines();
      const text = format.printf(({ level, message }) => `${level}: ${String(message)}`);
      const stream = new transports.Stream({ stream: lines });
      await exportWith(WinstonModule.createLogger({ format: text, transports: [stream] }));
      await until(() => lines.ofExport.length > 0, 10_000);
      expect(lines.ofExport).toEqual([
        expect.stringMatching(/^info: Export completed: 0 calls, \d+ bytes$/),
      ]);
    });

    it('is one readable line in development', async () => {
      const lines = new Lines();
      const write = jest
        .spyOn(process.stdout, 'write')
        .mockImplementation((text) => lines.write(text));
      try {
        await exportWith(new ApiLogger({ NODE_ENV: 'development', LOG_LEVEL: 'log' }));
        await until(() => lines.ofExport.length > 0, 10_000);
      } finally {
        write.mockRestore();
      }
      expect(lines.ofExport).toEqual([
        expect.stringMatching(
          / LOG \[CallsExport\] \[[\w-]+\] Export completed: 0 calls, \d+ bytes \{ export: 'completed', .* \}$/,
        ),
      ]);
    });
  },
  ['embedded PostgreSQL'],
);
