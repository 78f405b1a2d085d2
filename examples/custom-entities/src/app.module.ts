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
      // For this example only. In production, use migrations.
      synchronize: true,
    }),
    CallsExportModule.forRootAsync({
      path: 'reports/calls',
      guards: [ApiKeyGuard],
      // Provides what the guard injects.
      imports: [ApiKeysModule],
      statuses: ['voicemail'],
      calls: {
        entity: PhoneCall,
        // Other properties have the names that the export expects.
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
        // If this returns nothing, the request gets a 403.
        findAccount: (request: TenantRequest) => request.user?.tenantId,
        // The operations team opens the files in Excel.
        byteOrderMark: true,
      }),
    }),
  ],
})
export class AppModule {}
