import 'reflect-metadata';
import { type DynamicModule, Injectable, type InjectionToken, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  type AccountId,
  Assistant,
  CALL_STATUSES,
  Call,
  CallsExportGuard,
  CallsExportModule,
  type CallsExportModuleOptions,
  CallsExportService,
  DatabaseUnavailableError,
  type ExportProgress,
  type ExportReport,
  type ExportRequest,
  type ExportStream,
  InvalidAccountError,
  TooManyExportsError,
  UnexportableCallError,
  callsMigrations,
  entitiesOnTables,
  getCallsExportServiceToken,
  portableEntities,
} from 'nestjs-calls-export';
import { DataSource, type Repository } from 'typeorm';
export const options: CallsExportModuleOptions = {
  path: 'reports/calls',
  findAccount: (request: ExportRequest): AccountId | undefined =>
    request.user === undefined ? undefined : 1,
  onExportEnd: (report: ExportReport) => console.log(report.outcome),
  calls: { entity: Call, properties: { accountId: 'tenantId' } },
};
@Injectable()
class Settings {
  readonly exports = 2;
}
@Injectable()
export class Guard extends CallsExportGuard {}
@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      entities: [Call, Assistant],
      migrations: callsMigrations,
    }),
    CallsExportModule.forRoot(options),
    CallsExportModule.forRoot(entitiesOnTables({ calls: { table: 'c' } })),
    CallsExportModule.forRootAsync({
      guards: [Guard],
      inject: [Settings],
      useFactory: ({ exports }: Settings) => ({ maxConcurrent: exports }),
      ...portableEntities('mysql'),
    }),
  ],
})
export class AppModule {}
export const dynamic: DynamicModule = CallsExportModule.forRoot();
export async function run(
  service: CallsExportService,
  source: DataSource,
): Promise<ExportProgress> {
  const calls: Repository<Call> = source.getRepository(Call);
  const call = await calls.findOneByOrFail({ status: CALL_STATUSES[0] });
  const duration: number | null = call.duration;
  const name: string | undefined = call.assistant?.name;
  console.log(duration, name, service.load.running, await service.count(1, {}));
  const file: ExportStream = await service.export(call.accountId, {
    format: 'ndjson',
    signal: AbortSignal.timeout(1),
  });
  for await (const piece of file) console.log(piece);
  return file.progress;
}
export const token: InjectionToken = getCallsExportServiceToken('reports');
export const errors = [
  DatabaseUnavailableError,
  InvalidAccountError,
  TooManyExportsError,
  UnexportableCallError,
];
// @ts-expect-error
CallsExportModule.forRoot({ pathh: 1 });
