// F) Shows the verified badge on a marketing site once the business is verified.
//   CMS_URL=https://cms.example ORKESTR_WEBHOOK_SECRET=whsec_… node badge.mjs
import { call, receive } from './receiver.mjs';

receive({
  'tenant.kyb_verified': (_data, _delivery, event) => call('PATCH', `${process.env.CMS_URL}/flags/verified-badge`, { tenant: event.tenantId, on: true }),
});
