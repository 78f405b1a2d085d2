import type { AddressInfo } from 'node:net';
import {
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule, portableEntities } from 'nestjs-calls-export';
import { DataSource } from 'typeorm';
import { Curl } from '../curl';
import type { MariadbNode } from './galera-cluster';

const ENTITIES = portableEntities('mariadb');
const ENTITY_LIST = [ENTITIES.assistants.entity, ENTITIES.calls.entity];

class AsAccount1 implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest().user = { account_id: 1 };
    return true;
  }
}

/** A host app on MariaDB. */
export class MariadbHost {
  private constructor(
    private readonly app: INestApplication,
    readonly url: string,
  ) {}

  /** @param retryTimeout in seconds. */
  static async start(url: string, retryTimeout: number): Promise<MariadbHost> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'mariadb', url, timezone: 'Z', entities: ENTITY_LIST }),
        CallsExportModule.forRoot({
          ...ENTITIES,
          guards: [AsAccount1],
          retryTimeout,
        }),
      ],
    })
    class HostModule {}
    const app = await NestFactory.create(HostModule, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new MariadbHost(app, `http://127.0.0.1:${port}/calls/export`);
  }

  curl(query = ''): Curl {
    return new Curl(`${this.url}?${query}`, 'none', ['--fail']);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

/** Creates the database `calls` with the tables of the host app. */
export async function createTables(node: MariadbNode): Promise<void> {
  await node.query('CREATE DATABASE calls CHARACTER SET utf8mb4');
  const options = { type: 'mariadb', url: node.url(), entities: ENTITY_LIST } as const;
  const dataSource = await new DataSource(options).initialize();
  await dataSource.synchronize().finally(() => dataSource.destroy());
}
