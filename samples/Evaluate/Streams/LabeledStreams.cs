using Evaluate.Data;
using TorchSharp;
using TransferLearning;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Streams;

/// <summary>Methods that learn labeled domains one after the other, with a head for each.</summary>
internal static class LabeledStreams
{
    private const int KeptOfEachClass = 10;
    private const int Reduced = 64;

    /// <summary>The methods, the plain ones first.</summary>
    public static IReadOnlyList<StreamMethod> Methods { get; } =
    [
        Method("fine-tuning", (it, _) => it.Plain()),
        Method("frozen extractor; new heads", Frozen),
        Method("a network for each domain", (it, _) => it.WithColumn(StreamNetworks.Extractor()).Plain()),
        Method("LwF", Lwf),
        Method("EWC; strength 1", (it, i) => Ewc(it, i, 1)),
        Method("EWC; strength 100", (it, i) => Ewc(it, i, 100)),
        Method("EWC; strength 1e4", (it, i) => Ewc(it, i, 1e4)),
        Method("EWC; strength 1e6", (it, i) => Ewc(it, i, 1e6)),
        Method("SI", Si),
        Method("rehearsal of 10 rows of each class", Rehearsed),
        Method("PNN", Progressive),
    ];

    // The first domain is learned like any other; what stands beside its labels' loss is of the earlier ones.
    private static StreamMethod Method(string name, Func<Columns, int, AdaptationBuilder> chain) =>
        new(
            name,
            (domains, options, stop) =>
            {
                _ = manual_seed(options.Seed);
                var halves = domains.Select(it => it.Split(it.Count / 2, (int)options.Seed)).ToList();
                using var columns = new Columns([.. halves.Select(it => it.Few)]);
                var lines = new List<IReadOnlyList<AccuracyInterval>>();
                for (var i = 0; i < domains.Count; i++)
                {
                    columns.Begin();
                    chain(columns, i)
                        .FitWithoutTarget([columns.Learned[i]], StreamNetworks.Trained(options), null, stop)
                        .Dispose();
                    lines.Add([.. halves.Select((it, j) => columns.Judged(j, it.Others))]);
                }

                return new StreamResult(lines);
            }
        );

    private static AdaptationBuilder Frozen(Columns it, int place) =>
        place == 0 ? it.Plain() : Recipes.FineTune(it.Extractor, it.Head, FreezingPlan.None.Freeze("0").Freeze("2"));

    private static AdaptationBuilder Lwf(Columns it, int place)
    {
        var recorded = it.Own(it.Extractor.Replica());
        var terms = it
            .OldHeads.Select(old =>
                (Old: old, Term: new LearningWithoutForgetting(old, recorded, it.Own(old.Replica())))
            )
            .ToList();
        return it.Beside(terms.ConvertAll(term => (term.Old, (IObjective)term.Term)));
    }

    private static AdaptationBuilder Rehearsed(Columns it, int place) =>
        it.Beside([
            .. it.OldHeads.Select(
                (old, j) => (old, (IObjective)new Rehearsal(Rehearsal.Kept(it.Learned[j], KeptOfEachClass), old))
            ),
        ]);

    private static AdaptationBuilder Ewc(Columns it, int place, double strength)
    {
        if (place > 0)
        {
            it.Held.Add(
                it.Own(
                    new ElasticWeightConsolidation(it.Extractor, it.OldHeads[^1], it.Learned[place - 1])
                    {
                        Strength = strength,
                    }
                )
            );
        }

        return it.Beside([]);
    }

    private static AdaptationBuilder Si(Columns it, int place)
    {
        if (place == 0)
        {
            it.Held.Add(it.Own(new SynapticIntelligence(it.Extractor)));
        }
        else
        {
            ((SynapticIntelligence)it.Held[0]).Consolidate();
        }

        return it.Beside([]);
    }

    private static AdaptationBuilder Progressive(Columns it, int place)
    {
        var earlier = it.Progressive;
        var laterals = Enumerable
            .Range(0, place)
            .Select(_ =>
                (nn.Module<Tensor, Tensor>)LateralAdapter.Dense(StreamNetworks.Width, Reduced, StreamNetworks.Width)
            )
            .ToArray();
        var column = new ProgressiveColumn(
            [
                new ProgressiveLayer(StreamNetworks.First(), nn.ReLU()),
                new ProgressiveLayer(StreamNetworks.Second(), nn.ReLU(), laterals),
            ],
            [.. earlier]
        );
        earlier.Add(column);
        return Recipes.Pnn(column, it.WithColumn(column.AsPart()).Head);
    }
}
