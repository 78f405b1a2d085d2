/** A small app that imports the built package and exports from MariaDB, on Express. */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';

const require = createRequire(import.meta.url);
const { CallsExportModule, portableEntities } = require('../../dist/libs/calls-export');

// As the API does.
setFlagsFromString('--heap-growing-percent=100');

const { BENCH_MARIADB_URL: url, PORT } = process.env;
const entities = portableEntities('mariadb');

/** Everyone is account 1. */
class NoGuard {
  canActivate(context) {
    context.switchToHttp().getRequest().user = { account_id: 1 };
    return true;
  }
}

class HostModule {}
Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'mariadb',
      url,
      timezone: 'Z',
      synchronize: true,
      entities: [entities.calls.entity, entities.assistants.entity],
    }),
    CallsExportModule.forRoot({ ...entities, guards: [NoGuard] }),
  ],
})(HostModule);

const app = await NestFactory.create(HostModule, { logger: false });
await app.listen(Number(PORT), '127.0.0.1');
