import type { IncomingMessage, ServerResponse } from 'node:http';
import { AuthModule, signToken } from '@calls/auth';
import { listen, type TestDatabase } from '@calls/testing';
import { type LoggerService, Module, type NestInterceptor } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  CallsExportModule,
  type CallsExportOptions,
  CallsExportService,
} from 'nestjs-calls-export';
import { dataSourceOptions } from '../src/data-source-options';
import { selfSigned } from './self-signed';
import { SECRET } from './start-api';

const TOKENS = { key: { secret: SECRET } };

/** An HTTP adapter and protocol. */
interface Transport {
  readonly adapter: (options: { forceCloseConnections?: boolean }) => AbstractHttpAdapter;
  /** Options of `NestFactory.create`. */
  readonly options?: () => object;
  readonly scheme: 'http' | 'https';
  /** Arguments that make `curl` use this protocol. */
  readonly curl: readonly string[];
}

const HTTP1 = { scheme: 'http', curl: [] } as const;
const TLS = { scheme: 'https', curl: ['--insecure', '--http1.1'] } as const;

export const ADAPTERS = {
  Express: { ...HTTP1, adapter: () => new ExpressAdapter() },
  Fastify: { ...HTTP1, adapter: (options) => new FastifyAdapter(options) },
} satisfies Record<string, Transport>;
export type AdapterName = keyof typeof ADAPTERS;

export const TRANSPORTS = {
  ...ADAPTERS,
  'Express over TLS': {
    ...TLS,
    adapter: () => new ExpressAdapter(),
    options: () => ({ httpsOptions: selfSigned() }),
  },
  'Fastify over TLS': {
    ...TLS,
    adapter: (options) => new FastifyAdapter({ ...options, https: selfSigned() }),
  },
  'Fastify over HTTP/2': {
    adapter: (options) => new FastifyAdapter({ ...options, http2: true }),
    scheme: 'http',
    curl: ['--http2-prior-knowledge'],
  },
  'Fastify over HTTP/2 with TLS': {
    adapter: (options) => new FastifyAdapter({ ...options, http2: true, https: selfSigned() }),
    scheme: 'https',
    curl: ['--insecure', '--http2'],
  },
} satisfies Record<string, Transport>;
export type TransportName = keyof typeof TRANSPORTS;

/** A running Nest app that serves the export, with its own connection pool. */
export interface HttpHost {
  /** The URL of the export. */
  readonly url: string;
  readonly authorization: string;
  /** Arguments that `curl` needs to reach it. */
  readonly curl: readonly string[];
  /** Warnings and errors, including the log lines of exports that did not complete. */
  readonly log: unknown[];
  readonly service: CallsExportService;
  close(): Promise<void>;
}

/** Optional parts of the app. */
export interface HostParts {
  /** Additional options of TypeORM. */
  readonly settings?: object;
  readonly middleware?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly interceptor?: NestInterceptor;
  /** Whether closing the app also closes open connections. */
  readonly forceClose?: boolean;
}

export async function startHttpHost(
  name: TransportName,
  database: TestDatabase,
  options: CallsExportOptions,
  { settings, middleware, interceptor, forceClose: forceCloseConnections }: HostParts = {},
): Promise<HttpHost> {
  const transport: Transport = TRANSPORTS[name];
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
  const app = await NestFactory.create(HostModule, transport.adapter({ forceCloseConnections }), {
    logger,
    forceCloseConnections,
    ...transport.options?.(),
  });
  if (interceptor) app.useGlobalInterceptors(interceptor);
  if (middleware) {
    app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      middleware(request, response);
      next();
    });
  }
  const { port } = new URL(await listen(app));
  return {
    url: `${transport.scheme}://127.0.0.1:${port}/calls/export`,
    authorization: `Bearer ${await signToken(TOKENS, 1, 600)}`,
    curl: transport.curl,
    log,
    service: app.get(CallsExportService),
    close: () => app.close(),
  };
}
