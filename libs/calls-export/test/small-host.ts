import type { AddressInfo } from 'node:net';
import {
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type INestApplication,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Call, type CallsExportModuleOptions, portableEntities } from '../src';

const ADAPTERS = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() };

export type Adapter = keyof typeof ADAPTERS;

/** The platforms that a host may run on. */
export const ADAPTER_NAMES = Object.keys(ADAPTERS) as Adapter[];

export const ENTITIES = portableEntities('sqljs');

/** Lets in whoever names an account, in a header. */
export class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    request.user = { account_id: Number(request.headers['x-account']) };
    return true;
  }
}

/** The export on SQLite, for those whom `HeaderGuard` lets in. */
export const HEADER_OPTIONS: CallsExportModuleOptions = { ...ENTITIES, guards: [HeaderGuard] };

/** A database in memory with a call of the account. */
export function memory(
  name: string | undefined = undefined,
  accountId = 1,
  autoLoad = true,
): DynamicModule {
  return TypeOrmModule.forRootAsync({
    name,
    useFactory: () => ({
      type: 'sqljs',
      synchronize: true,
      ...(autoLoad
        ? { autoLoadEntities: true }
        : { entities: [ENTITIES.calls.entity, ENTITIES.assistants.entity] }),
    }),
    dataSourceFactory: async (settings) => {
      const dataSource = await new DataSource(settings as never).initialize();
      await dataSource
        .getRepository(Call)
        .insert({ accountId, callSid: `CA of ${accountId}`, status: 'voicemail' });
      return dataSource;
    },
  });
}

/** What a small host has, apart from its imports. */
export interface SmallHostOptions {
  /** Default Express. */
  readonly adapter?: Adapter;
  readonly controllers?: ModuleMetadata['controllers'];
  readonly providers?: ModuleMetadata['providers'];
  /** Sets the app up before it listens. */
  readonly configure?: (app: INestApplication) => void;
}

/** A Nest app that listens on a port of its own. */
export interface SmallHost {
  readonly app: INestApplication;
  readonly url: string;
}

const running: INestApplication[] = [];

/** Starts a host, for `closeHosts` to close. */
export async function startHost(
  imports: NonNullable<ModuleMetadata['imports']>,
  { adapter = 'Express', controllers, providers, configure }: SmallHostOptions = {},
): Promise<SmallHost> {
  @Module({ imports, controllers, providers })
  class HostModule {}
  const app = await NestFactory.create(HostModule, ADAPTERS[adapter](), {
    logger: false,
    abortOnError: false,
  });
  running.push(app);
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  // No connection that `fetch` keeps is closed just when a busy machine sends the next request on it.
  app.getHttpServer().keepAliveTimeout = 120_000;
  return { app, url: `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}` };
}

/** Closes the hosts that have been started. */
export async function closeHosts(): Promise<void> {
  for (const app of running.splice(0)) await app.close();
}
