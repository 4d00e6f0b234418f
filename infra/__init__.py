"""What runs Quittance: the template's rules, the local tools, the decisions."""
