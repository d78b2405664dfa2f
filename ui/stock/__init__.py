"""Stock: deliveries, counts, purchase orders, transfers, returns, suppliers."""
