import { AuthModule } from '@calls/auth';
import { dataSourceOptions } from '@calls/data-access';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule } from 'nestjs-calls-export';
import { type Environment } from './environment';
import { tokenSettings } from './token-settings';

/** The API: what it is composed of. */
@Module({})
export class AppModule {
  /** @param databaseUrl the PostgreSQL server, or the embedded one. */
  static forRoot(environment: Environment, databaseUrl: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot(dataSourceOptions(databaseUrl)),
        AuthModule.forRoot(tokenSettings(environment)),
        CallsExportModule,
      ],
    };
  }
}
