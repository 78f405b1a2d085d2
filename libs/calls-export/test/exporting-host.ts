import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { dataSourceOptions, portableEntities } from '@calls/data-access';
import type { TestDatabase } from '@calls/testing';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule, CallsExportService, type CallsFilter, type ExportFormat } from '../src';
import type { DataSourceOptions } from 'typeorm';

/** How TypeORM reaches the database at a URL, whatever its kind, and makes the tables there. */
export function anyDataSourceOptions(url: string): DataSourceOptions {
  if (url.startsWith('postgres')) return dataSourceOptions(url);
  const type = url.startsWith('mysql') ? 'mariadb' : 'sqljs';
  const options = { entities: portableEntities(type), synchronize: true };
  return type === 'mariadb' ? { type, url, timezone: 'Z', ...options } : { type, ...options };
}

/** A Nest app that imports the library, on a database. */
export class ExportingHost {
  private constructor(private readonly app: INestApplicationContext) {}

  static async start({ dataSource }: TestDatabase): Promise<ExportingHost> {
    @Module({
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...dataSource.options }),
          dataSourceFactory: async () => dataSource,
        }),
        CallsExportModule,
      ],
    })
    class HostModule {}
    return new ExportingHost(
      await NestFactory.createApplicationContext(HostModule, {
        logger: false,
        abortOnError: false,
      }),
    );
  }

  stream(format: ExportFormat, filter: CallsFilter = {}, accountId = 1): Promise<Readable> {
    return this.app.get(CallsExportService).export(accountId, format, filter);
  }

  async export(format: ExportFormat, filter: CallsFilter = {}, accountId = 1): Promise<string> {
    return text(await this.stream(format, filter, accountId));
  }

  async exportedIds(filter: CallsFilter = {}, accountId = 1): Promise<number[]> {
    const calls = JSON.parse(await this.export('json', filter, accountId)) as { id: number }[];
    return calls.map(({ id }) => id);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
