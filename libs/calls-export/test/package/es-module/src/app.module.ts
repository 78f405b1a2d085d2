import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule, callsMigrations } from 'nestjs-calls-export';
import { JwtStrategy } from './jwt.strategy.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      autoLoadEntities: true,
      // Creates the tables `calls` and `assistants` when the app starts.
      migrations: callsMigrations,
      migrationsRun: true,
    }),
    CallsExportModule.forRoot(),
  ],
  providers: [JwtStrategy],
})
export class AppModule {}
