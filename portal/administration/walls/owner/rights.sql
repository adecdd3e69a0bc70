GRANT SELECT ON auth_permission TO sec_definer;
