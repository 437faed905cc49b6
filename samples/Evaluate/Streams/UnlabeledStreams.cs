using TransferLearning;
using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace Evaluate.Streams;

/// <summary>Methods that learn a labeled domain first, and then domains without labels one after the other.</summary>
internal static class UnlabeledStreams
{
    /// <summary>The methods, the first domain alone first.</summary>
    public static IReadOnlyList<StreamMethod> Methods { get; } =
    [
        new("the first domain alone", Alone),
        Method("SHOT; without its rows", (extractor, head, _) => Recipes.Shot(extractor, head), isSourceFree: true),
        Method("NRC; without its rows", (extractor, head, _) => Recipes.Nrc(extractor, head), isSourceFree: true),
        Method("DANN", (extractor, head, critic) => Recipes.Dann(extractor, head, critic)),
        Method("DSAN", (extractor, head, _) => Recipes.Dsan(extractor, head)),
        Method("MCC", (extractor, head, _) => Recipes.Mcc(extractor, head)),
    ];

    private static StreamMethod Method(
        string name,
        Func<ModulePart, ModulePart, ModulePart, AdaptationBuilder> chain,
        bool isSourceFree = false
    ) =>
        new(
            name,
            (domains, options, stop) =>
            {
                using var it = new Start(domains[0], options, stop);
                var stream = new DomainStream
                {
                    Source = domains[0],
                    Targets = [.. domains.Skip(1)],
                    IsSourceFree = isSourceFree,
                };
                return stream.Run(
                    it.Model,
                    _ => chain(it.Extractor, it.Head, it.Critic),
                    StreamNetworks.Trained(options),
                    null,
                    stop
                );
            }
        );

    private static StreamResult Alone(IReadOnlyList<LabeledDomain> domains, FitOptions options, CancellationToken stop)
    {
        using var it = new Start(domains[0], options, stop);
        IReadOnlyList<AccuracyInterval> line = [.. domains.Select(it.Judged)];
        return new StreamResult([.. domains.Select(_ => line)]);
    }

    /// <summary>A network of the first domain.</summary>
    private sealed class Start : IDisposable
    {
        public Start(LabeledDomain source, FitOptions options, CancellationToken stop)
        {
            _ = manual_seed(options.Seed);
            (Extractor, Head, Critic) = (StreamNetworks.Extractor(), StreamNetworks.Head(), StreamNetworks.Critic());
            Model = Recipes
                .Erm(Extractor, Head)
                .FitWithoutTarget([source], StreamNetworks.Trained(options), null, stop);
        }

        public ModulePart Extractor { get; }

        public ModulePart Head { get; }

        public ModulePart Critic { get; }

        public AdaptedModel Model { get; }

        public AccuracyInterval Judged(LabeledDomain domain)
        {
            using var classes = Model.PredictClasses(domain.Inputs);
            return AccuracyInterval.Of(classes, domain.Labels);
        }

        public void Dispose()
        {
            Model.Dispose();
            Extractor.Dispose();
            Head.Dispose();
            Critic.Dispose();
        }
    }
}
