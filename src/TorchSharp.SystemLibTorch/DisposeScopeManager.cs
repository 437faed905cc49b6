using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A thread's stack of dispose scopes.</summary>
public class DisposeScopeManager
{
    private const int LargestStorageKept = 4096;

    [ThreadStatic]
    private static DisposeScopeManager? threadSingleton;

    private IDisposable?[]? spareStorage;

    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal static DisposeScopeManager ThreadSingleton => threadSingleton ??= new DisposeScopeManager();

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    internal DisposeScope? Current { get; private set; }

    internal DisposeScope NewDisposeScope()
    {
        var scope = new DisposeScope(this);
        if (spareStorage is { } storage)
        {
            scope.Adopt(storage);
            spareStorage = null;
        }
        return Current = scope;
    }

    internal void Register(Tensor tensor)
    {
        if (Current is { } scope)
        {
            StatisticsInstance.TensorStatistics.CreatedInScopeCount++;
            scope.Add(tensor);
        }
        else
            StatisticsInstance.TensorStatistics.CreatedOutsideScopeCount++;
    }

    /// <summary>Takes a scope off the stack, wherever it lies in it.</summary>
    internal void Remove(DisposeScope scope)
    {
        if (ReferenceEquals(Current, scope))
        {
            Current = scope.OuterScope;
            return;
        }
        for (var inner = Current; inner is not null; inner = inner.OuterScope)
            if (ReferenceEquals(inner.OuterScope, scope))
                inner.OuterScope = scope.OuterScope;
    }

    /// <summary>Keeps an ended scope's emptied array for the thread's next one.</summary>
    internal void Recycle(IDisposable?[] storage)
    {
        if (storage.Length > LargestStorageKept)
            return;
        Array.Clear(storage);
        spareStorage = storage;
    }
}
