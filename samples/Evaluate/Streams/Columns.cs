using TransferLearning;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;

namespace Evaluate.Streams;

/// <summary>What has been learned of a stream so far: an extractor and a head for each of its domains.</summary>
/// <param name="learned">The rows of each domain that methods learn from.</param>
internal sealed class Columns(IReadOnlyList<LabeledDomain> learned) : IDisposable
{
    private readonly List<(ModulePart Extractor, ModulePart Head)> models = [];
    private readonly List<IDisposable> owned = [];

    /// <summary>The rows of each domain that methods learn from.</summary>
    public IReadOnlyList<LabeledDomain> Learned => learned;

    /// <summary>The extractor of the present domain; that of the one before, unless the method gives another.</summary>
    public ModulePart Extractor => models[^1].Extractor;

    /// <summary>The head of the present domain.</summary>
    public ModulePart Head => models[^1].Head;

    /// <summary>The heads of the domains before.</summary>
    public IReadOnlyList<ModulePart> OldHeads => [.. models.SkipLast(1).Select(model => model.Head)];

    /// <summary>Terms that hold the extractor in every later domain.</summary>
    public List<IObjective> Held { get; } = [];

    /// <summary>The columns of a progressive network.</summary>
    public List<ProgressiveColumn> Progressive { get; } = [];

    /// <summary>A head for the next domain.</summary>
    public void Begin() =>
        models.Add((Own(models.Count == 0 ? StreamNetworks.Extractor() : Extractor), Own(StreamNetworks.Head())));

    /// <summary>Gives the present domain an extractor of its own.</summary>
    public Columns WithColumn(ModulePart extractor)
    {
        models[^1] = (Own(extractor), Head);
        return this;
    }

    /// <summary>The labels' loss alone.</summary>
    public AdaptationBuilder Plain() => Recipes.Erm(Extractor, Head);

    /// <summary>The labels' loss, what is held, and terms of older heads, which move along.</summary>
    public AdaptationBuilder Beside(IReadOnlyList<(ModulePart Head, IObjective Term)> terms) =>
        new AdaptationBuilder().Train(
            Extractor,
            Head,
            net =>
            {
                net.Minimize(new CrossEntropy());
                foreach (var (head, term) in terms)
                {
                    net.Main.Move(head);
                    net.Minimize(term);
                }

                Held.ForEach(term => net.Minimize(term));
            }
        );

    /// <summary>Disposes what a method has made when the stream is over.</summary>
    public T Own<T>(T made)
        where T : IDisposable
    {
        owned.Add(made);
        return made;
    }

    /// <summary>The accuracy on a domain by its own head; of one that has not come yet by the newest.</summary>
    public AccuracyInterval Judged(int domain, LabeledDomain rows)
    {
        var (extractor, head) = models[Math.Min(domain, models.Count - 1)];
        using var model = new AdaptedModel(extractor, head);
        using var classes = model.PredictClasses(rows.Inputs);
        return AccuracyInterval.Of(classes, rows.Labels);
    }

    /// <inheritdoc/>
    public void Dispose() => owned.Distinct().ToList().ForEach(it => it.Dispose());
}
