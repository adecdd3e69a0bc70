-- In how many of all registrations the rarest character of `part` stands, 0 to 1, as the last ANALYZE counted; 0 for
-- one that is not among the most common. Tells a search where to look. Of the owner, who alone reads the figures of an
-- index.
CREATE OR REPLACE FUNCTION residents_workplace_share(part text) RETURNS real
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(min(coalesce(known.share, 0)), 0) FROM unnest(string_to_array(part, NULL)) letter
    LEFT JOIN (
        SELECT unnest(s.most_common_elems::text::text[]) AS letter, unnest(s.most_common_elem_freqs) AS share
        FROM pg_stats s WHERE s.schemaname = 'public' AND s.tablename = 'reg_town_work_chars'
            AND s.most_common_elems IS NOT NULL
    ) known USING (letter)
$$;
