import type { AddressInfo } from 'node:net';
import { AuthModule, signToken } from '@calls/auth';
import type { TestDatabase } from '@calls/testing';
import { type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule, type CallsExportOptions } from 'nestjs-calls-export';
import { dataSourceOptions } from '../src/data-source-options';

const TOKENS = { key: { secret: 'a secret for the tests of 32 bytes or more' } };

export const ADAPTERS = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
};
export type AdapterName = keyof typeof ADAPTERS;

/** A Nest app that serves the export on one of the platforms, with a pool of connections of its own. */
export interface HttpHost {
  /** Of the export. */
  readonly url: string;
  readonly authorization: string;
  /** What is logged of exports that did not complete, and other warnings and errors. */
  readonly log: unknown[];
  close(): Promise<void>;
}

export async function startHttpHost(
  adapter: AdapterName,
  database: TestDatabase,
  options: CallsExportOptions,
  settings: object = {},
): Promise<HttpHost> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ ...dataSourceOptions(database.url), ...settings }),
      AuthModule.forRoot(TOKENS),
      CallsExportModule.forRoot(options),
    ],
  })
  class HostModule {}

  const log: unknown[] = [];
  const write = (message: unknown) => void log.push(message);
  const logger: LoggerService = { log: () => {}, warn: write, error: write, fatal: write };
  const app = await NestFactory.create(HostModule, ADAPTERS[adapter](), { logger });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/calls/export`,
    authorization: `Bearer ${signToken(TOKENS, 1, 600)}`,
    log,
    close: () => app.close(),
  };
}
