using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Disposes at its own end what was made on its thread while it was the current scope. Tensors know their scope and
/// their place in it, so that joining and leaving one costs a few instructions.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager manager;
    private IDisposable?[] members = new IDisposable?[16];
    private int count;
    private bool ended;

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.Current;
    }

    internal DisposeScope? OuterScope { get; set; }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            ThrowIfEnded();
            return members[..count]!;
        }
    }

    public int DisposablesCount
    {
        get
        {
            ThrowIfEnded();
            return count;
        }
    }

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable => MoveToOther(OuterScope, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => MoveToOther(OuterScope, first, second);

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => MoveToOther(OuterScope, first, second, third);

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        Move(disposable, scope);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        Move(first, scope);
        Move(second, scope);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        Move(first, scope);
        Move(second, scope);
        Move(third, scope);
        return (first, second, third);
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
            Move(disposable, scope);
    }

    public T Detach<T>(T disposable)
        where T : IDisposable => MoveToOther(null, disposable);

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => MoveToOther(null, first, second);

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => MoveToOther(null, first, second, third);

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public void Attach(IDisposable disposable)
    {
        ThrowIfEnded();
        if (Contains(disposable))
            return;
        if (disposable is Tensor tensor)
        {
            // A tensor that already has a scope moves; only one without is counted as attached.
            if (tensor.OwningDisposeScope is { } owner)
                owner.Remove(tensor);
            manager.StatisticsInstance.TensorStatistics.AttachedToScopeCount++;
        }
        Add(disposable);
    }

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var attached = disposables.ToList();
        foreach (var disposable in attached)
            Attach(disposable);
        return attached;
    }

    public void DisposeEverything() => DisposeEverythingBut((IEnumerable<IDisposable>)[]);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfEnded();
        var kept = inKeep.ToHashSet<IDisposable>(ReferenceEqualityComparer.Instance);
        var leaving = members;
        var leavingCount = count;
        members = new IDisposable?[16];
        count = 0;
        for (var i = 0; i < leavingCount; i++)
        {
            var disposable = leaving[i]!;
            if (kept.Contains(disposable))
                Add(disposable);
            else
                End(disposable);
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfEnded();
        Remove(disposable);
    }

    public bool Contains(IDisposable disposable)
    {
        ThrowIfEnded();
        return PlaceOf(disposable) >= 0;
    }

    public void Dispose()
    {
        if (ended)
            return;
        for (var i = 0; i < count; i++)
            End(members[i]!);
        count = 0;
        ended = true;
        manager.Remove(this);
        manager.Recycle(members);
        members = [];
    }

    internal void Adopt(IDisposable?[] storage) => members = storage;

    /// <summary>Enters what has no scope yet.</summary>
    internal void Add(IDisposable disposable)
    {
        if (count == members.Length)
            Array.Resize(ref members, 2 * count);
        if (disposable is Tensor tensor)
        {
            tensor.OwningDisposeScope = this;
            tensor.PlaceInScope = count;
        }
        members[count++] = disposable;
    }

    /// <summary>Takes something out, if it is here; the last member takes its place.</summary>
    internal bool Remove(IDisposable disposable)
    {
        var place = PlaceOf(disposable);
        if (place < 0)
            return false;
        if (disposable is Tensor tensor)
            tensor.OwningDisposeScope = null;
        var last = members[--count];
        members[count] = null;
        if (place < count)
        {
            members[place] = last;
            if (last is Tensor moved)
                moved.PlaceInScope = place;
        }
        return true;
    }

    private int PlaceOf(IDisposable disposable)
    {
        if (disposable is Tensor tensor)
            return ReferenceEquals(tensor.OwningDisposeScope, this) ? tensor.PlaceInScope : -1;
        for (var i = count - 1; i >= 0; i--)
            if (ReferenceEquals(members[i], disposable))
                return i;
        return -1;
    }

    private void Move(IDisposable disposable, DisposeScope? scope)
    {
        ThrowIfEnded();
        if (!Remove(disposable))
            return;
        if (scope is not null)
            scope.Add(disposable);
        else if (disposable is Tensor)
            manager.StatisticsInstance.TensorStatistics.DetachedFromScopeCount++;
    }

    /// <summary>Disposes a member while all are leaving: it finds no place to give back.</summary>
    private static void End(IDisposable disposable)
    {
        if (disposable is Tensor tensor)
            tensor.PlaceInScope = -1;
        disposable.Dispose();
    }

    private void ThrowIfEnded()
    {
        if (ended)
            ThrowEnded();
    }

    [DoesNotReturn]
    private static void ThrowEnded() => throw new ObjectDisposedException(typeof(DisposeScope).FullName);
}
