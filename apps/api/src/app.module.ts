import { AuthModule, type TokenSettings } from '@calls/auth';
import { dataSourceOptions } from '@calls/data-access';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule } from 'nestjs-calls-export';

/** The API: what it is composed of. */
@Module({})
export class AppModule {
  /** @param databaseUrl the PostgreSQL server, or the embedded one. */
  static forRoot(tokens: TokenSettings, databaseUrl: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot(dataSourceOptions(databaseUrl)),
        AuthModule.forRoot(tokens),
        CallsExportModule,
      ],
    };
  }
}
