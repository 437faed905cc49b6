using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// What one step has computed: passes, by the part and the input tensor, and what else is computed once. All are known
/// by reference.
/// </summary>
internal sealed class StepPasses
{
    private readonly Dictionary<(object Part, object Input, bool Graph), Tensor> passes = new(PairComparer.Instance);
    private readonly Dictionary<(object Owner, object Of, bool), object> memo = new(PairComparer.Instance);
    private readonly DisposeScope? stepScope = CurrentDisposeScope;
    private HashSet<object> moved = [];

    /// <summary>A part's output for an input, computed when it is first asked for.</summary>
    public Tensor Pass(object part, Tensor input, Func<Tensor, Tensor> compute)
    {
        var wantsGraph = is_grad_enabled();
        if (passes.TryGetValue((part, input, wantsGraph), out var known))
        {
            return known;
        }
        if (!wantsGraph && passes.TryGetValue((part, input, true), out var graph))
        {
            return passes[(part, input, false)] = OfStep(graph.detach());
        }
        return passes[(part, input, wantsGraph)] = OfStep(compute(input));
    }

    /// <summary>
    /// What each link of an <see cref="ExtractorChain"/> makes of some inputs, and the tapped layers of each
    /// <see cref="TappedExtractor"/> before its features; one output of any other.
    /// </summary>
    public Tensor[] Through(IFeatureExtractor branch, Tensor inputs)
    {
        var links = branch is ExtractorChain { Inner.Count: > 0 } chain
            ? [.. chain.Inner.Cast<IFeatureExtractor>()]
            : new[] { branch };
        var outputs = new List<Tensor>(links.Length);
        foreach (var link in links)
        {
            if (link is TappedExtractor tapped)
            {
                outputs.AddRange(Tapped(tapped, inputs));
            }
            else
            {
                outputs.Add(Pass(link, inputs, link.Extract));
            }
            // Without gradients a pass with them, where there is one, is still what the next link's is known by.
            object known = link is TappedExtractor { Keys: var keys } ? keys[^1] : link;
            inputs = passes.TryGetValue((known, inputs, true), out var graph) ? graph : outputs[^1];
        }
        return [.. outputs];
    }

    /// <summary>One batch's rows of a pass over the rows of all batches.</summary>
    public Tensor Piece(Tensor output, IBatch batch, List<IBatch> all)
    {
        var wantsGraph = is_grad_enabled();
        if (!passes.TryGetValue((output, batch, wantsGraph), out var piece))
        {
            // One split, not a slice each: its gradient is put together once.
            var pieces = output.split([.. all.Select(one => one.Inputs.shape[0])]);
            for (var i = 0; i < pieces.Length; i++)
            {
                passes[(output, all[i], wantsGraph)] = OfStep(pieces[i]);
            }
            piece = passes[(output, batch, wantsGraph)];
        }
        return piece;
    }

    /// <summary>Something that is computed once a step, without a gradient.</summary>
    public T Once<T>(object owner, object of, Func<T> compute)
        where T : class
    {
        if (!memo.TryGetValue((owner, of, false), out var value))
        {
            memo[(owner, of, false)] = value = compute();
        }
        return (T)value;
    }

    /// <summary>A tensor that lives as long as the step.</summary>
    /// <remarks>
    /// Whoever asks first may do so inside a scope of its own: what is remembered must outlive it. A tensor that is in
    /// the step's scope already stays as it is: moved once more, TorchSharp would drop it from the scope's list.
    /// </remarks>
    public Tensor OfStep(Tensor tensor)
    {
        if (stepScope is null)
        {
            return tensor.DetachFromDisposeScope();
        }
        return stepScope.Contains(tensor) ? tensor : tensor.MoveToOtherDisposeScope(stepScope);
    }

    /// <summary>
    /// A phase begins: passes of the parts that it moves are stale, they need a graph now. They are given with their
    /// modules, by reference.
    /// </summary>
    public void Enter(HashSet<object> movedParts)
    {
        moved = movedParts;
        DropStale();
    }

    /// <summary>Forgets passes that carry a graph, and those of the parts that the present phase moves.</summary>
    public void DropStale()
    {
        foreach (var (entry, output) in passes)
        {
            if (output.requires_grad || IsMoved(entry.Part))
            {
                passes.Remove(entry);
            }
        }
    }

    // One pass gives all the layers; they are remembered one by one.
    private Tensor[] Tapped(TappedExtractor tapped, Tensor inputs)
    {
        var wantsGraph = is_grad_enabled();
        bool Knows(object key) =>
            passes.ContainsKey((key, inputs, wantsGraph)) || passes.ContainsKey((key, inputs, true));
        IReadOnlyList<Tensor>? layers = tapped.Keys.All(Knows) ? null : tapped.Layers(inputs);
        return
        [
            .. tapped.Keys.Select(
                (key, i) =>
                    layers is null
                        ? Pass(key, inputs, _ => throw new InvalidOperationException())
                        : passes[(key, inputs, wantsGraph)] = OfStep(layers[i])
            ),
        ];
    }

    // By itself, or by another part of the same module.
    private bool IsMoved(object part) =>
        moved.Contains(part) || (part is ITrainable trainable && moved.Contains(trainable.Module));

    private sealed class PairComparer : IEqualityComparer<(object A, object B, bool C)>
    {
        public static readonly PairComparer Instance = new();

        public bool Equals((object A, object B, bool C) x, (object A, object B, bool C) y) =>
            ReferenceEquals(x.A, y.A) && ReferenceEquals(x.B, y.B) && x.C == y.C;

        public int GetHashCode((object A, object B, bool C) pair) =>
            HashCode.Combine(RuntimeHelpers.GetHashCode(pair.A), RuntimeHelpers.GetHashCode(pair.B), pair.C);
    }
}
