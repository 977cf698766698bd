-- Two crops of each picture and all pairs for the one study that there is, with %(raters)s raters
-- who were issued 80 trials each, the first %(judged)s of which are judged. Counters are made from
-- them afterwards.
INSERT INTO ratings_crop (study_id, original_id, x, y, width, height, padded_bytes)
SELECT s.id, o.id, n, 0, 768, 768, 0
FROM ratings_study s, ratings_original o, generate_series(0, 1) n;
INSERT INTO ratings_cropversion (crop_id, kind, entry_id, level, address)
SELECT c.id, CASE WHEN e.id IS NULL THEN 'reference' ELSE 'entry' END, e.id, 0, replace(gen_random_uuid()::text, '-', '')
FROM ratings_crop c, (SELECT id FROM ratings_entry UNION ALL SELECT NULL) e;
INSERT INTO ratings_cropversion (crop_id, kind, entry_id, level, address)
SELECT c.id, v.kind, NULL, v.level, replace(gen_random_uuid()::text, '-', '')
FROM ratings_crop c,
    (VALUES ('hidden', 0), ('degraded', 1), ('degraded', 2), ('degraded', 3)) v (kind, level);
INSERT INTO ratings_pair (study_id, first_id, second_id, issued, issued_first_left, planned)
SELECT a.study_id, a.id, b.id, 0, 0, 0 FROM ratings_entry a JOIN ratings_entry b ON a.id < b.id;
INSERT INTO ratings_paircount (pair_id, crop_id, issued, wins_first, wins_second, ties, shuffle)
SELECT p.id, c.id, 0, 0, 0, 0, random() FROM ratings_pair p, ratings_crop c;
INSERT INTO ratings_rater (id, study_id, consent, consented_at, language, state, simulated)
SELECT gen_random_uuid(), s.id, '', now(), 'en', 'used', TRUE
FROM ratings_study s, generate_series(1, %(raters)s) n;
INSERT INTO ratings_trial (id, rater_id, kind, crop_id, pair_id, level, first_left, number,
    training_attempt, issued_at)
SELECT gen_random_uuid(), r.id, 'comparison', c.crop_id, c.pair_id, 0, n %% 2 = 0, n, 0, now()
FROM (SELECT id, row_number() OVER () AS k FROM ratings_rater) r
CROSS JOIN generate_series(1, 80) n
JOIN (SELECT *, row_number() OVER (ORDER BY md5(id::text)) - 1 AS k FROM ratings_paircount) c
    ON c.k = (r.k * 80 + n) %% 4500;
INSERT INTO ratings_judgment
    (trial_id, attempt, choice, response_ms, judged_at, display, excluded, exclusion_reason)
SELECT id, 1, 'left', 3000, now(), '{}', FALSE, '' FROM ratings_trial LIMIT %(judged)s;
UPDATE ratings_paircount c SET wins_first = j.first, wins_second = j.second FROM (
    SELECT pair_id, crop_id, count(*) FILTER (WHERE first_left) AS first,
        count(*) FILTER (WHERE NOT first_left) AS second
    FROM ratings_judgment JOIN ratings_trial t ON t.id = trial_id GROUP BY pair_id, crop_id) j
WHERE j.pair_id = c.pair_id AND j.crop_id = c.crop_id;
INSERT INTO ratings_ratercount (rater_id, pair_id, dataset_id, wins_first, wins_second, ties)
SELECT rater_id, pair_id, dataset_id, count(*) FILTER (WHERE first_left),
    count(*) FILTER (WHERE NOT first_left), 0
FROM ratings_judgment JOIN ratings_trial t ON t.id = trial_id
JOIN ratings_crop k ON k.id = t.crop_id JOIN ratings_original o ON o.id = k.original_id
GROUP BY rater_id, pair_id, dataset_id;
CREATE TABLE bare (id bigserial PRIMARY KEY, trial_id uuid UNIQUE, choice text, response_ms int,
    judged_at timestamptz, display jsonb);
ANALYZE;
