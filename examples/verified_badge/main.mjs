// F) Shows the verified badge on a marketing site once the business is verified. Subscribe to `tenant.kyb_verified`.
//   CMS_URL=https://cms.example ORKESTR_WEBHOOK_SECRET=whsec_… PORT=8090 node examples/verified_badge/main.mjs
import { call, receive } from '../webhook_receiver/receiver.mjs';

receive({
  'tenant.kyb_verified': (_data, _delivery, event) => call('PATCH', `${process.env.CMS_URL}/flags/verified-badge`, { tenant: event.tenantId, on: true }),
});
