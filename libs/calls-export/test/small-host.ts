import { listen } from '@calls/testing';
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

/** The platforms that a host can run on. */
export const ADAPTER_NAMES = Object.keys(ADAPTERS) as Adapter[];

export const ENTITIES = portableEntities('sqljs');

/** Admits every request, for the account that its header `x-account` names. */
export class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    request.user = { account_id: Number(request.headers['x-account']) };
    return true;
  }
}

/** The headers of a request for account 1, for `HeaderGuard`. */
export const ACCOUNT_1 = { 'x-account': '1' } as const;

/** Options for an export on SQLite behind `HeaderGuard`. */
export const HEADER_OPTIONS: CallsExportModuleOptions = { ...ENTITIES, guards: [HeaderGuard] };

/** An in-memory database with one call of the account. */
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

/** The parts of a small host besides its imports. */
export interface SmallHostOptions {
  /** Default Express. */
  readonly adapter?: Adapter;
  readonly controllers?: ModuleMetadata['controllers'];
  readonly providers?: ModuleMetadata['providers'];
  /** Configures the app before it listens. */
  readonly configure?: (app: INestApplication) => void;
}

/** A Nest app that listens on a free port. */
export interface SmallHost {
  readonly app: INestApplication;
  readonly url: string;
}

const running: INestApplication[] = [];

/** Starts a host, which `closeHosts` closes. */
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
  return { app, url: await listen(app) };
}

/** Closes all hosts that have been started. */
export async function closeHosts(): Promise<void> {
  for (const app of running.splice(0)) await app.close();
}
