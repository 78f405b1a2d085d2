import { Assistant, Call } from '@calls/data-access';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportController } from './calls-export.controller';
import { CallsExportService } from './calls-export.service';

/**
 * Adds `GET /calls/export` to the app that imports it. The app has a TypeORM DataSource with the entities `Call` and
 * `Assistant`, and a passport strategy `jwt` whose user has the integer `account_id`.
 */
@Module({
  imports: [TypeOrmModule.forFeature([Assistant, Call])],
  controllers: [CallsExportController],
  providers: [CallsExportService],
  exports: [CallsExportService],
})
export class CallsExportModule {}
