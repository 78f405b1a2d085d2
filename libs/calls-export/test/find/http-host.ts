import type { AddressInfo } from 'node:net';
import { type CanActivate, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { AccountId } from '../../src';
import { importsOn } from '../exporting-host';
import type { FindHost } from './find-host';

/** The HTTP status of a request as each of the accounts. */
export async function httpStatuses(
  { dataSource, entities }: FindHost,
  accounts: readonly AccountId[],
): Promise<[AccountId, number][]> {
  let account: AccountId | undefined;
  const allowAll: CanActivate = { canActivate: () => true };

  @Module({
    imports: importsOn(dataSource, { ...entities, guards: [allowAll], findAccount: () => account }),
  })
  class HostModule {}
  const app: INestApplication = await NestFactory.create(HostModule, new ExpressAdapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const statuses: [AccountId, number][] = [];
    for (account of accounts) {
      const response = await fetch(`http://127.0.0.1:${port}/calls/export`);
      await response.text();
      statuses.push([account, response.status]);
    }
    return statuses;
  } finally {
    await app.close();
  }
}
