import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule } from 'nestjs-calls-export';
import { Agent } from './agent.entity';
import { ApiKeyGuard, ApiKeysModule, type TenantRequest } from './api-keys';
import { PhoneCall } from './phone-call.entity';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [PhoneCall, Agent],
      // For the example. In production the tables come by migrations.
      synchronize: true,
    }),
    CallsExportModule.forRootAsync({
      path: 'reports/calls',
      guards: [ApiKeyGuard],
      // Has what the guard injects.
      imports: [ApiKeysModule],
      statuses: ['voicemail'],
      calls: {
        entity: PhoneCall,
        // What is not named here is called as the export calls it.
        properties: {
          accountId: 'tenantId',
          callSid: 'sid',
          assistantId: 'agent',
          customerPhoneNumber: 'customerNumber',
          duration: 'seconds',
        },
      },
      assistants: {
        entity: Agent,
        properties: { accountId: 'tenantId', name: 'displayName' },
      },
      useFactory: () => ({
        // A request for which this gives nothing is answered 403.
        findAccount: (request: TenantRequest) => request.user?.tenantId,
        // The operations team opens the file in Excel.
        byteOrderMark: true,
      }),
    }),
  ],
})
export class AppModule {}
